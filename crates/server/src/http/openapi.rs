// SPDX-License-Identifier: Apache-2.0
//! What `docs/openapi.json` says besides the operations: title, ways to prove a session, frames of the gateway.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use voz_protocol::{errors, gateway, voice};

/// The head of the description, to which the routes add their operations and the types they name.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Voz do Povo",
        description = "The HTTP API, and the frames of the gateway as schemas. What types can't say is in docs/protocol.md.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(
        errors::Problem,
        gateway::ClientFrame,
        gateway::ClientCommand,
        gateway::Resume,
        gateway::ServerFrame,
        gateway::Reply,
        gateway::CommandResult,
        gateway::Event,
        gateway::ServerEvent,
        gateway::Ready,
        gateway::MemberVoiceMuted,
        voice::VoiceEndReason,
    )),
    modifiers(&Sessions),
)]
pub struct Description;

/// The two ways a session travels.
struct Sessions;

impl Modify for Sessions {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme(
            "cookie",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "__Host-voz_access",
                "For browsers. On loopback http: voz_access_<port>. Unsafe requests need this instance's Origin.",
            ))),
        );
        components.add_security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some("For programs: the access token of a session with transport `bearer`."))
                    .build(),
            ),
        );
    }
}

/// The description as it is committed: indented JSON with a line feed at the end.
pub fn json() -> String {
    let mut text = super::description().to_pretty_json().expect("a description is always JSON");
    text.push('\n');
    text
}
