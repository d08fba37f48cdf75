// SPDX-License-Identifier: Apache-2.0
//! Checks the fields of a request and names every one that breaks a rule, not only the first.

use voz_domain::fields::FieldError as Broken;
use voz_protocol::errors::FieldError;

use crate::errors::{AppError, AppResult, Fields};

/// Collects what is wrong.
#[derive(Debug, Default)]
pub(crate) struct FieldCheck {
    broken: Fields,
}

impl FieldCheck {
    /// Keeps the error under the field's name on the wire; the value stays inside until all are checked.
    pub(crate) fn take<T>(&mut self, name: &str, result: Result<T, Broken>) -> Checked<T> {
        match result {
            Ok(value) => Checked(Some(value)),
            Err(error) => {
                self.broken.insert(name.to_owned(), on_the_wire(error));
                Checked(None)
            }
        }
    }

    /// All fields keep the rules, or `validation` with each that does not.
    pub(crate) fn finish(self) -> AppResult<Passed> {
        if self.broken.is_empty() { Ok(Passed(())) } else { Err(AppError::Validation(self.broken)) }
    }
}

/// Proof that every field was found good.
#[derive(Debug)]
pub(crate) struct Passed(());

/// A value that may be used once all fields are known to be good.
#[derive(Debug)]
pub(crate) struct Checked<T>(Option<T>);

impl<T> Checked<T> {
    /// The value.
    pub(crate) fn get(self, _proof: &Passed) -> AppResult<T> {
        self.0.ok_or(AppError::Fault("a field was used that did not pass"))
    }

    /// The value, if it was good, for a rule that needs two fields.
    pub(crate) fn peek(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

/// The one-field case.
pub(crate) fn one<T>(name: &str, result: Result<T, Broken>) -> AppResult<T> {
    result.map_err(|error| AppError::field(name, on_the_wire(error)))
}

const fn on_the_wire(error: Broken) -> FieldError {
    match error {
        Broken::Empty => FieldError::Empty,
        Broken::TooShort => FieldError::TooShort,
        Broken::TooLong => FieldError::TooLong,
        Broken::Characters => FieldError::Characters,
        Broken::TooCommon => FieldError::TooCommon,
        Broken::OutOfRange => FieldError::OutOfRange,
    }
}
