// SPDX-License-Identifier: Apache-2.0
//! What refusals and endings are called: the server sends codes, each client owns its words.

use voz_protocol::errors::{ErrorCode, FieldError, Problem};
use voz_protocol::gateway::close;
use voz_protocol::voice::VoiceEndReason;

/// Why the server refused, as a sentence without its full stop.
pub fn refusal(problem: &Problem) -> String {
    let said = match problem.code {
        ErrorCode::BadRequest | ErrorCode::CommandUnexpected => "the server does not understand this client",
        ErrorCode::Validation => "the server does not accept what was given",
        ErrorCode::Unauthenticated => "the session or token is not valid (any more): sign in again",
        ErrorCode::InvalidCredentials => "the user name or the password is wrong",
        ErrorCode::Forbidden => "this person may not do that",
        ErrorCode::NotFound => "it does not exist, or this person may not know of it",
        ErrorCode::OriginRefused => "the server does not take requests from here",
        ErrorCode::PayloadTooLarge => "the request is too large for the server",
        ErrorCode::RateLimited => "too many tries",
        ErrorCode::Overloaded => "the server is busy",
        ErrorCode::Internal => "the server failed",
        ErrorCode::SetupTokenInvalid => "the set-up link is wrong or was replaced",
        ErrorCode::SetupDone => "the server is already set up",
        ErrorCode::UsernameTaken => "somebody has this user name",
        ErrorCode::SignUpClosed => "the server takes no new accounts",
        ErrorCode::SignUpInviteOnly => "the server takes new accounts by invite only",
        ErrorCode::InviteNotFound => "there is no such invite",
        ErrorCode::InviteExpired => "the invite's time is over",
        ErrorCode::InviteUsedUp => "the invite is used up",
        ErrorCode::InviteRevoked => "the invite was taken back",
        ErrorCode::RulesChanged => "the community's rules changed meanwhile: try again",
        ErrorCode::LimitReached => "a limit of the community is reached",
        ErrorCode::VoiceOfferUnsupported => "the server can't answer this client's voice offer",
        ErrorCode::RoomFull => "the room is full",
        ErrorCode::NotInRoom => "this connection is in no room",
        ErrorCode::VoiceUnavailable => "voice is not running on the server",
    };
    let mut sentence = said.to_owned();
    for (field, error) in &problem.fields {
        sentence += &format!("; {} {}", called(field), wrong(*error));
    }
    if let Some(seconds) = problem.retry_after_s {
        sentence += &format!("; try again in {seconds} s");
    }
    if let Some(request) = &problem.request_id {
        sentence += &format!("; its log has it under {request}");
    }
    sentence
}

/// What people call a field.
fn called(field: &str) -> &str {
    match field {
        "username" => "the user name",
        "password" => "the password",
        other => other,
    }
}

fn wrong(error: FieldError) -> &'static str {
    match error {
        FieldError::Empty => "must not be empty",
        FieldError::TooShort => "is too short: take a longer one",
        FieldError::TooLong => "is too long: take a shorter one",
        FieldError::Characters => "has characters that are not allowed: take letters and digits",
        FieldError::TooCommon => "is too easy to guess: take another one",
        FieldError::OutOfRange => "is outside what the server allows",
    }
}

/// An error with its causes; many a library's error tells its cause itself.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut told = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !told.contains(&cause) {
            told += &format!(": {cause}");
        }
    }
    told
}

/// Why the server ended a voice.
pub fn voice_end(reason: VoiceEndReason) -> &'static str {
    match reason {
        VoiceEndReason::Removed => "a moderator took this person out of the room",
        VoiceEndReason::RoomDeleted => "the room was deleted",
        VoiceEndReason::Replaced => "this person joined a room from another device",
        VoiceEndReason::AccessLost => "this person may not be here any more",
        VoiceEndReason::ConnectionLost => "the voice connection was lost: no packet arrived for too long",
        VoiceEndReason::ServerRestart => "the voice part of the server restarts",
    }
}

/// Why the gateway closed.
pub fn gateway_close(code: u16) -> String {
    match code {
        close::SESSION_ENDED => "the session is over".to_owned(),
        close::PROTOCOL => "the server does not understand this client".to_owned(),
        close::FELL_BEHIND => "this client read too slowly, or was silent".to_owned(),
        close::SERVER_STOPPING => "the server stops".to_owned(),
        close::RATE_LIMITED => "too many commands".to_owned(),
        code => format!("the server closed the connection ({code})"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_cause_that_was_told_is_not_told_again() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let with_its_cause = anyhow::Error::new(tokio_tungstenite::tungstenite::Error::Io(refused()));
        assert_eq!(sentence(&with_its_cause.context("no way")), "no way: IO error: connection refused");
        assert_eq!(sentence(&anyhow!(refused()).context("no way")), "no way: connection refused");
    }
}
