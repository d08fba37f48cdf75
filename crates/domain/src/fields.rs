// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with something that a person typed.

/// Why a field was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FieldError {
    /// It must not be empty.
    #[error("empty")]
    Empty,
    /// Shorter than allowed.
    #[error("too short")]
    TooShort,
    /// Longer than allowed.
    #[error("too long")]
    TooLong,
    /// Has characters that are not allowed.
    #[error("characters that are not allowed")]
    Characters,
    /// Too easy to guess.
    #[error("too easy to guess")]
    TooCommon,
    /// Outside the allowed range.
    #[error("out of range")]
    OutOfRange,
}
