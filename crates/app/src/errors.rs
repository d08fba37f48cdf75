// SPDX-License-Identifier: Apache-2.0
//! Why a use case refused or failed. One shape, one mapping to the wire's [`ErrorCode`].
//!
//! No message here holds personal data: codes, names of fields and seconds only.

use std::collections::BTreeMap;

use voz_protocol::errors::{ErrorCode, FieldError};
use voz_storage::StoreError;

/// Result of a use case.
pub type AppResult<T> = Result<T, AppError>;

/// What is wrong with which field of a request, by the field's name on the wire.
pub type Fields = BTreeMap<String, FieldError>;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Refused for the reason that the code names.
    #[error("refused: {0:?}")]
    Refused(ErrorCode),
    /// Fields break rules.
    #[error("fields break rules: {0:?}")]
    Validation(Fields),
    /// A limit of the configuration is reached; the field says which.
    #[error("the limit of {0} is reached")]
    LimitReached(&'static str),
    /// Too many tries.
    #[error("too many tries, again in {retry_after_s} s")]
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The server is busy.
    #[error("busy, again in {retry_after_s} s")]
    Overloaded {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The truth could not be read or written.
    #[error("storage")]
    Store(#[source] StoreError),
    /// A fault of the server.
    #[error("fault: {0}")]
    Fault(&'static str),
}

impl AppError {
    /// The stable code on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            AppError::Refused(code) => *code,
            AppError::Validation(_) => ErrorCode::Validation,
            AppError::LimitReached(_) => ErrorCode::LimitReached,
            AppError::RateLimited { .. } => ErrorCode::RateLimited,
            AppError::Overloaded { .. } | AppError::Store(StoreError::Unavailable(_)) => ErrorCode::Overloaded,
            AppError::Store(_) | AppError::Fault(_) => ErrorCode::Internal,
        }
    }

    /// What is wrong with which field; empty for most codes.
    pub fn fields(&self) -> Fields {
        match self {
            AppError::Validation(fields) => fields.clone(),
            AppError::LimitReached(what) => Fields::from([((*what).to_owned(), FieldError::OutOfRange)]),
            AppError::Refused(_)
            | AppError::RateLimited { .. }
            | AppError::Overloaded { .. }
            | AppError::Store(_)
            | AppError::Fault(_) => Fields::new(),
        }
    }

    /// Seconds after which it makes sense to ask again.
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            AppError::RateLimited { retry_after_s } | AppError::Overloaded { retry_after_s } => Some(*retry_after_s),
            AppError::Store(StoreError::Unavailable(_)) => Some(2),
            AppError::Refused(_)
            | AppError::Validation(_)
            | AppError::LimitReached(_)
            | AppError::Store(_)
            | AppError::Fault(_) => None,
        }
    }

    /// The one-field case of [`AppError::Validation`].
    pub(crate) fn field(name: &str, error: FieldError) -> Self {
        AppError::Validation(Fields::from([(name.to_owned(), error)]))
    }
}

impl From<ErrorCode> for AppError {
    fn from(code: ErrorCode) -> Self {
        AppError::Refused(code)
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        AppError::Store(error)
    }
}
