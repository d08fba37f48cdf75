// SPDX-License-Identifier: Apache-2.0
//! Times as they are stored: whole µs since the Unix epoch, the same on both databases.

use time::OffsetDateTime;

use crate::StoreError;

/// The time as it will be read back: UTC, finer than µs cut off.
pub fn to_stored_precision(at: OffsetDateTime) -> OffsetDateTime {
    from_us(to_us(at)).unwrap_or(at)
}

pub(crate) fn to_us(at: OffsetDateTime) -> i64 {
    // The years that OffsetDateTime knows (±9999) are far within i64 µs.
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1000)).unwrap_or(i64::MAX)
}

pub(crate) fn from_us(us: i64) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(us) * 1000).map_err(|_| StoreError::corrupt("time"))
}

pub(crate) fn from_us_opt(us: Option<i64>) -> Result<Option<OffsetDateTime>, StoreError> {
    us.map(from_us).transpose()
}
