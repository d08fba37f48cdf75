// SPDX-License-Identifier: Apache-2.0
//! Reading what a client sends.

use serde::Deserialize;
use voz_protocol::errors::ErrorCode;
use voz_protocol::gateway::{ClientCommand, ClientFrame};

/// A text frame, read.
#[derive(Debug)]
pub enum Incoming {
    /// A command.
    Command(ClientFrame),
    /// It carries an id, so it can be answered; but no such command is known, or its data is wrong.
    Refused {
        /// The frame's id.
        id: u32,
        /// `command_unexpected` or `bad_request`.
        code: ErrorCode,
    },
    /// Not a frame at all.
    Unreadable,
}

/// The name of a command on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandName {
    /// See [`ClientCommand::Resume`].
    Resume,
    /// See [`ClientCommand::Heartbeat`].
    Heartbeat,
    /// See [`ClientCommand::VoiceJoin`].
    VoiceJoin,
    /// See [`ClientCommand::VoiceLeave`].
    VoiceLeave,
    /// See [`ClientCommand::VoiceState`].
    VoiceState,
}

impl CommandName {
    /// The name of a command; a new command does not compile without one.
    pub fn of(command: &ClientCommand) -> Self {
        match command {
            ClientCommand::Resume(_) => CommandName::Resume,
            ClientCommand::Heartbeat {} => CommandName::Heartbeat,
            ClientCommand::VoiceJoin(_) => CommandName::VoiceJoin,
            ClientCommand::VoiceLeave {} => CommandName::VoiceLeave,
            ClientCommand::VoiceState(_) => CommandName::VoiceState,
        }
    }
}

#[derive(Deserialize)]
struct Named {
    id: u32,
    #[serde(rename = "type")]
    name: String,
}

/// Reads a text frame.
pub fn read(text: &str) -> Incoming {
    if let Ok(frame) = serde_json::from_str::<ClientFrame>(text) {
        return Incoming::Command(frame);
    }
    let Ok(Named { id, name }) = serde_json::from_str::<Named>(text) else {
        return Incoming::Unreadable;
    };
    let known = serde_json::from_value::<CommandName>(name.into()).is_ok();
    let code = if known { ErrorCode::BadRequest } else { ErrorCode::CommandUnexpected };
    Incoming::Refused { id, code }
}

#[cfg(test)]
mod tests {
    use voz_protocol::gateway::Resume;
    use voz_protocol::voice::{VoiceJoin, VoiceStateUpdate};

    use super::*;

    fn refusal(text: &str) -> Option<(u32, ErrorCode)> {
        match read(text) {
            Incoming::Refused { id, code } => Some((id, code)),
            Incoming::Command(_) | Incoming::Unreadable => None,
        }
    }

    #[test]
    fn every_command_is_read_under_its_own_name() {
        let commands = [
            ClientCommand::Resume(Resume::default()),
            ClientCommand::Heartbeat {},
            ClientCommand::VoiceJoin(VoiceJoin {
                channel_id: uuid::Uuid::nil(),
                offer: "v=0".to_owned(),
                self_muted: false,
                self_deafened: true,
            }),
            ClientCommand::VoiceLeave {},
            ClientCommand::VoiceState(VoiceStateUpdate { self_muted: true, self_deafened: false }),
        ];
        for command in commands {
            let name = CommandName::of(&command);
            let text = serde_json::to_string(&ClientFrame { id: 7, command }).unwrap();
            let Incoming::Command(frame) = read(&text) else { panic!("{text}") };
            assert_eq!((frame.id, CommandName::of(&frame.command)), (7, name));
            let on_the_wire = serde_json::from_str::<Named>(&text).unwrap().name;
            assert_eq!(serde_json::from_value::<CommandName>(on_the_wire.into()).unwrap(), name);
        }
    }

    #[test]
    fn an_unknown_command_is_answered() {
        let text = r#"{"id":3,"type":"dance","data":{}}"#;
        assert_eq!(refusal(text), Some((3, ErrorCode::CommandUnexpected)));
    }

    #[test]
    fn wrong_data_of_a_known_command_is_answered() {
        for text in [
            r#"{"id":3,"type":"voice_join","data":{"channel_id":"x"}}"#,
            r#"{"id":3,"type":"voice_join"}"#,
            r#"{"id":3,"type":"resume","data":{"cursors":[1]}}"#,
        ] {
            assert_eq!(refusal(text), Some((3, ErrorCode::BadRequest)), "{text}");
        }
    }

    #[test]
    fn what_carries_no_id_or_type_is_unreadable() {
        let deep = "[".repeat(60_000);
        for text in [
            "",
            "{",
            "null",
            "[]",
            "7",
            r#"{"id":1}"#,
            r#"{"type":"heartbeat","data":{}}"#,
            r#"{"id":-1,"type":"heartbeat","data":{}}"#,
            r#"{"id":4294967296,"type":"heartbeat","data":{}}"#,
            r#"{"id":1,"type":null}"#,
            "\u{0}",
            deep.as_str(),
        ] {
            assert!(matches!(read(text), Incoming::Unreadable), "{}", &text[..text.len().min(40)]);
        }
    }
}
