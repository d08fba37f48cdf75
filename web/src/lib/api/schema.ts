// SPDX-License-Identifier: Apache-2.0
// Generated from docs/openapi.json by `npm run types`. Do not edit.

export interface paths {
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create an account and sign in; with an invite also enter its community. */
        post: operations["sign_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{channel_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a channel or a room, with its messages. */
        delete: operations["delete_channel"];
        options?: never;
        head?: never;
        /** Rename a channel or a room. */
        patch: operations["update_channel"];
        trace?: never;
    };
    "/api/v1/channels/{channel_id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of history, oldest first. */
        get: operations["list_messages"];
        put?: never;
        /** Write a message. */
        post: operations["send_message"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{channel_id}/occupants/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a person out of a room. */
        delete: operations["remove_occupant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/communities/{community_id}/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a channel or a room. */
        post: operations["create_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/communities/{community_id}/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Usable invites of a community, newest first. */
        get: operations["list_invites"];
        put?: never;
        /** Make an invite. */
        post: operations["create_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/communities/{community_id}/invites/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take an invite back. */
        delete: operations["revoke_invite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/communities/{community_id}/members/{user_id}/voice-mute": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Close or open a member's microphone in every room of the community. */
        put: operations["set_voice_mute"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/gateway": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Opens the gateway: one WebSocket per device (docs/protocol.md, "Gateway"). */
        get: operations["open_gateway"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a visitor may know before signing in. */
        get: operations["get_instance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a person sees before accepting. */
        get: operations["get_invite"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invites/{code}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Enter the community. A member accepts again without effect. */
        post: operations["accept_invite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who am I? */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in with user name and password. */
        post: operations["sign_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End this session on the server. */
        delete: operations["sign_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on with fresh tokens. The refresh token comes in the body (bearer) or by cookie, then with an empty body object. */
        post: operations["refresh_session"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make the owner, the instance and its first community. Succeeds once. */
        post: operations["set_up"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Does this token open the wizard? */
        post: operations["check_setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process is alive; looks at nothing outside it. */
        get: operations["healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Ready to serve: the database answers, voice runs and the server is not stopping. */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An invite together with the version of the rules that the person saw. */
        AcceptedInvite: {
            /** @description The invite's code. */
            code: string;
            /**
             * Format: int32
             * @description [`crate::communities::Rules::version`] as shown; another one answers `rules_changed`.
             */
            rules_version: number;
        };
        /** @description `POST /api/v1/invites/{code}/accept` → 200 [`crate::communities::Community`]; a member accepts again without effect. */
        AcceptInviteRequest: {
            /**
             * Format: int32
             * @description [`Rules::version`] as shown.
             */
            rules_version: number;
        };
        /** @description A channel. */
        Channel: {
            /**
             * Format: uuid
             * @description Where it is.
             */
            community_id: string;
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description What it is. */
            kind: components["schemas"]["ChannelKind"];
            /** @description 1–60 characters. */
            name: string;
            /**
             * Format: int32
             * @description Order within its kind, ascending.
             */
            position: number;
        };
        /**
         * @description Kind of a channel; fixed for life.
         * @enum {string}
         */
        ChannelKind: "text" | "room";
        /** @description What a client asks of the gateway. */
        ClientCommand: {
            /** @description The first command, once. Answered by [`CommandResult::Resumed`] after the `ready` event. */
            data: components["schemas"]["Resume"];
            /** @enum {string} */
            type: "resume";
        } | {
            /** @description Keeps the connection alive. */
            data: Record<string, never>;
            /** @enum {string} */
            type: "heartbeat";
        } | {
            /** @description Enter a room. */
            data: components["schemas"]["VoiceJoin"];
            /** @enum {string} */
            type: "voice_join";
        } | {
            /** @description Leave the room. */
            data: Record<string, never>;
            /** @enum {string} */
            type: "voice_leave";
        } | {
            /** @description Mute, deafen. */
            data: components["schemas"]["VoiceStateUpdate"];
            /** @enum {string} */
            type: "voice_state";
        };
        /** @description A frame from client to server. `id` comes back in the [`ServerFrame::Reply`]. */
        ClientFrame: components["schemas"]["ClientCommand"] & {
            /**
             * Format: int32
             * @description Chosen by the client, unique on this connection.
             */
            id: number;
        };
        /** @description What a command gave. */
        CommandResult: {
            /** @description Of `resume`. */
            data: Record<string, never>;
            /** @enum {string} */
            type: "resumed";
        } | {
            /** @description Of `voice_join`. */
            data: components["schemas"]["VoiceJoined"];
            /** @enum {string} */
            type: "voice_joined";
        } | {
            /** @description Of every other command. */
            data: Record<string, never>;
            /** @enum {string} */
            type: "done";
        };
        /** @description A community. */
        Community: {
            /**
             * Format: uuid
             * @description Its id.
             */
            id: string;
            /** @description 1–60 characters. */
            name: string;
            /**
             * Format: uuid
             * @description Who owns it.
             */
            owner_id: string;
            /** @description Its rules. */
            rules: components["schemas"]["Rules"];
        };
        /** @description All that a client needs to draw a community, true at the cursor it comes with. */
        CommunitySnapshot: {
            /** @description In the order of `position`. */
            channels: components["schemas"]["Channel"][];
            /** @description The community. */
            community: components["schemas"]["Community"];
            /** @description Everyone in it. */
            members: components["schemas"]["Member"][];
            /** @description What the receiver may do. */
            permissions: components["schemas"]["PermissionName"][];
            /** @description Rooms with somebody inside; a room not named is empty. */
            voice_rooms: components["schemas"]["VoiceRoom"][];
        };
        /** @description `POST /api/v1/communities/{community_id}/channels` → 201 [`Channel`]. */
        CreateChannelRequest: {
            /** @description What to make. */
            kind: components["schemas"]["ChannelKind"];
            /** @description 1–60 characters. */
            name: string;
        };
        /** @description `POST /api/v1/communities/{community_id}/invites` → 201 [`Invite`]. `GET` lists, `DELETE …/invites/{code}` → 204 revokes. */
        CreateInviteRequest: {
            /**
             * Format: int32
             * @description 300–2592000 seconds; absent: 7 days.
             */
            expires_in_s?: number | null;
            /**
             * Format: int32
             * @description 1–1000; absent: without limit.
             */
            max_uses?: number | null;
        };
        /**
         * @description Why a request or a command was refused. Stable: a code is never renamed or reused.
         * @enum {string}
         */
        ErrorCode: "bad_request" | "validation" | "unauthenticated" | "invalid_credentials" | "forbidden" | "not_found" | "origin_refused" | "payload_too_large" | "rate_limited" | "overloaded" | "internal" | "setup_token_invalid" | "setup_done" | "username_taken" | "sign_up_closed" | "sign_up_invite_only" | "invite_not_found" | "invite_expired" | "invite_used_up" | "invite_revoked" | "rules_changed" | "limit_reached" | "voice_offer_unsupported" | "room_full" | "not_in_room" | "voice_unavailable" | "command_unexpected";
        /** @description An event in its envelope. Durable events carry stream, cursor and prev; passing ones none of them. */
        Event: components["schemas"]["ServerEvent"] & {
            /** @description Opaque place of this event in the stream; to be sent back in `resume`. */
            cursor?: string | null;
            /**
             * @description Cursor of the event delivered before this one in this session. Another value than the one
             *     held means a gap: close and resume. Absent on `community_snapshot`, which starts anew.
             */
            prev?: string | null;
            /** @description `community:<uuid>` or `user:<uuid>`. */
            stream?: string | null;
        };
        /**
         * @description What is wrong with one field.
         * @enum {string}
         */
        FieldError: "empty" | "too_short" | "too_long" | "characters" | "too_common" | "out_of_range";
        /** @description `GET /api/v1/instance`, for anyone. */
        Instance: {
            /** @description Name the owner gave; empty before set-up. */
            name: string;
            /** @description True until the set-up wizard has succeeded once. */
            needs_setup: boolean;
            /** @description Who may create an account. */
            sign_up: components["schemas"]["SignUpMode"];
            /** @description Version of the server. */
            version: string;
        };
        /** @description An invite as those see it who may make them. */
        Invite: {
            /** @description 10 characters without look-alikes. */
            code: string;
            /**
             * Format: date-time
             * @description When it ends (RFC 3339); absent: never.
             */
            expires_at?: string | null;
            /** @description Who made it. */
            inviter: components["schemas"]["User"];
            /**
             * Format: int32
             * @description How often it may be used; absent: without limit.
             */
            max_uses?: number | null;
            /**
             * Format: int32
             * @description How often it was used.
             */
            uses: number;
        };
        /** @description `GET /api/v1/communities/{community_id}/invites`. */
        InviteList: {
            /** @description Usable ones, newest first. */
            items: components["schemas"]["Invite"][];
        };
        /** @description `GET /api/v1/invites/{code}`, for anyone: what a person sees before accepting. */
        InvitePreview: {
            /** @description The code asked for. */
            code: string;
            /**
             * Format: uuid
             * @description The community.
             */
            community_id: string;
            /** @description Its name. */
            community_name: string;
            /**
             * Format: date-time
             * @description When it ends (RFC 3339); absent: never.
             */
            expires_at?: string | null;
            /** @description Who invites. */
            inviter: components["schemas"]["User"];
            /**
             * Format: int32
             * @description How many people are in it.
             */
            member_count: number;
            /** @description Its rules. */
            rules: components["schemas"]["Rules"];
            /**
             * Format: int32
             * @description Uses left; absent: without limit.
             */
            uses_left?: number | null;
            /**
             * Format: int32
             * @description How many people are in its rooms now.
             */
            voice_count: number;
        };
        /** @description `GET /api/v1/me`. */
        Me: {
            /** @description May change the instance. */
            instance_admin: boolean;
            /** @description This person. */
            user: components["schemas"]["User"];
        };
        /** @description A person in a community. */
        Member: {
            /** @description As what. */
            role: components["schemas"]["MemberRole"];
            /** @description Who. */
            user: components["schemas"]["User"];
            /** @description A moderator has closed this person's microphone in every room of the community. */
            voice_muted: boolean;
        };
        /**
         * @description What a member is in a community.
         * @enum {string}
         */
        MemberRole: "owner" | "member";
        /** @description Data of `member_voice_muted`. */
        MemberVoiceMuted: {
            /** @description Who did it. */
            by: components["schemas"]["User"];
            /** @description Closed or opened. */
            muted: boolean;
            /** @description Given reason; told to this person and to who may mute others only. */
            reason?: string | null;
            /**
             * Format: uuid
             * @description Whose microphone.
             */
            user_id: string;
        };
        /** @description A message. The order of ids is the order of sending. */
        Message: {
            /** @description Who wrote it. */
            author: components["schemas"]["User"];
            /**
             * Format: uuid
             * @description Where it was written.
             */
            channel_id: string;
            /** @description 1–4000 characters. */
            content: string;
            /**
             * Format: date-time
             * @description When the server took it (RFC 3339).
             */
            created_at: string;
            /**
             * Format: uuid
             * @description UUIDv7.
             */
            id: string;
            /** @description As the sender gave it: tells a client which of its unsent messages this is. */
            nonce: string;
        };
        /** @description A page of history. */
        MessagePage: {
            /** @description There is more in the asked direction. */
            has_more: boolean;
            /** @description Oldest first. */
            items: components["schemas"]["Message"][];
        };
        /** @description A person in a room. */
        Occupant: {
            /** @description The media path is up: others can hear this person. */
            connected: boolean;
            /** @description Hears nothing by own choice (and is then muted too). */
            self_deafened: boolean;
            /** @description Has closed the own microphone. */
            self_muted: boolean;
            /** @description A moderator has closed the microphone. */
            server_muted: boolean;
            /** @description Who. */
            user: components["schemas"]["User"];
            /**
             * Format: int32
             * @description Unique per room and room epoch; the CSRC of this person's packets.
             */
            voice_number: number;
        };
        /**
         * @description What one may do in a community; the server decides, the client draws only what works.
         * @enum {string}
         */
        PermissionName: "view_channels" | "send_messages" | "join_rooms" | "speak" | "manage_channels" | "manage_invites" | "mute_members" | "remove_from_rooms";
        /** @description Body of every refused HTTP request (`application/problem+json`) and of every refused command. */
        Problem: {
            /** @description The stable code. */
            code: components["schemas"]["ErrorCode"];
            /** @description Field name → what is wrong with it; present with `validation`. */
            fields?: {
                [key: string]: components["schemas"]["FieldError"];
            };
            /** @description Names this failure in the server's log; present with `internal`. */
            request_id?: string | null;
            /**
             * Format: int32
             * @description Seconds to wait; present with `rate_limited` and `overloaded`.
             */
            retry_after_s?: number | null;
            /**
             * Format: int32
             * @description HTTP status.
             */
            status: number;
            /** @description `urn:voz:error:<code>` (RFC 9457 §3.1.1). */
            type: string;
        };
        /** @description Data of `ready`. */
        Ready: {
            /**
             * Format: uuid
             * @description One life of the server: a new value means that it was started again.
             */
            epoch: string;
            /** @description Who is signed in. */
            me: components["schemas"]["Me"];
            /** @description Streams that go on; missed events follow, then live ones. */
            resumed: string[];
            /**
             * Format: uuid
             * @description This session.
             */
            session_id: string;
            /** @description All streams of this person. Those in `resumed` go on from the cursors given; the others come as snapshots. */
            streams: string[];
            voice?: components["schemas"]["VoiceRoom"] | null;
            voice_ended?: components["schemas"]["VoiceEnded"] | null;
        };
        /** @description `POST /api/v1/sessions/refresh` → 200 [`SignedIn`]. With cookies the body is `{}`. */
        RefreshRequest: {
            /** @description The refresh token of a bearer session. */
            refresh_token?: string | null;
        };
        /** @description Answer to the command with the same id: `result` or `error`. */
        Reply: {
            error?: components["schemas"]["Problem"] | null;
            /**
             * Format: int32
             * @description The command's id.
             */
            reply: number;
            result?: components["schemas"]["CommandResult"] | null;
        };
        /** @description Data of `resume`; all empty for a fresh start. */
        Resume: {
            /** @description Stream id → last cursor handled. Streams not named are sent as snapshots. */
            cursors?: {
                [key: string]: string;
            };
            voice?: components["schemas"]["VoiceClaim"] | null;
        };
        /** @description Rules with the version that a person accepts. */
        Rules: {
            /** @description One rule a line. */
            text: string;
            /**
             * Format: int32
             * @description Counts up with each change, from 1.
             */
            version: number;
        };
        /**
         * @description `POST /api/v1/channels/{channel_id}/messages` → 201 [`Message`].
         *
         *     Sending the same nonce again within 24 h answers 200 with the message that was stored the first time.
         */
        SendMessageRequest: {
            /** @description 1–4000 characters; not only white space. */
            content: string;
            /** @description Chosen by the client, 1–64 characters, new for each message. */
            nonce: string;
        };
        /** @description What the gateway tells. */
        ServerEvent: {
            /** @description First event of a connection. Passing. */
            data: components["schemas"]["Ready"];
            /** @enum {string} */
            type: "ready";
        } | {
            /**
             * @description Whole state of a community at this cursor: after `ready` for each stream that was not resumed,
             *     on entering a community, and where replay was impossible. Replaces all that was known of it.
             */
            data: components["schemas"]["CommunitySnapshot"];
            /** @enum {string} */
            type: "community_snapshot";
        } | {
            /** @description Whole state of the user stream at this cursor, where it was not resumed. */
            data: components["schemas"]["Me"];
            /** @enum {string} */
            type: "user_snapshot";
        } | {
            /** @description Durable, community stream. */
            data: components["schemas"]["Message"];
            /** @enum {string} */
            type: "message_created";
        } | {
            /** @description Durable, community stream. */
            data: components["schemas"]["Channel"];
            /** @enum {string} */
            type: "channel_created";
        } | {
            /** @description Durable, community stream. */
            data: components["schemas"]["Channel"];
            /** @enum {string} */
            type: "channel_updated";
        } | {
            /** @description Durable, community stream. */
            data: {
                /**
                 * Format: uuid
                 * @description Which.
                 */
                channel_id: string;
            };
            /** @enum {string} */
            type: "channel_deleted";
        } | {
            /** @description Durable, community stream. */
            data: components["schemas"]["Member"];
            /** @enum {string} */
            type: "member_joined";
        } | {
            /** @description Durable, community stream. A moderator closed or opened a microphone. */
            data: components["schemas"]["MemberVoiceMuted"];
            /** @enum {string} */
            type: "member_voice_muted";
        } | {
            /** @description Durable, user stream. A snapshot of the community follows. */
            data: {
                /**
                 * Format: uuid
                 * @description Which.
                 */
                community_id: string;
            };
            /** @enum {string} */
            type: "community_entered";
        } | {
            /** @description Durable, user stream: this session, or all, ended elsewhere. The socket closes after it. */
            data: {
                /**
                 * Format: uuid
                 * @description Which session.
                 */
                session_id: string;
            };
            /** @enum {string} */
            type: "session_ended";
        } | {
            /** @description Passing: everyone who is in a room now. Sent on each change. */
            data: components["schemas"]["VoiceRoom"];
            /** @enum {string} */
            type: "voice_room";
        } | {
            /**
             * @description Passing: all rooms of a community, after the missed events of its stream. What rooms a client knew
             *     of before may be long over.
             */
            data: components["schemas"]["VoiceRooms"];
            /** @enum {string} */
            type: "voice_rooms";
        } | {
            /** @description Passing: who speaks in a room. Sent on each change. */
            data: components["schemas"]["VoiceSpeaking"];
            /** @enum {string} */
            type: "voice_speaking";
        } | {
            /** @description Passing, to the person concerned. */
            data: components["schemas"]["VoiceEnded"];
            /** @enum {string} */
            type: "voice_ended";
        };
        /** @description A frame from server to client. */
        ServerFrame: components["schemas"]["Reply"] | components["schemas"]["Event"];
        /** @description `POST /api/v1/setup/check`: 204 when the token opens the wizard, else `setup_token_invalid` or `setup_done`. */
        SetupCheck: {
            /** @description The token after `#` in the link. */
            token: string;
        };
        /** @description The first community, made by the wizard. */
        SetupCommunity: {
            /** @description 1–60 characters. */
            name: string;
            /** @description Name of the first room. */
            room: string;
            /** @description The rules, one a line, up to 4000 characters. */
            rules: string;
            /** @description Name of the first text channel. */
            text_channel: string;
        };
        /** @description `POST /api/v1/setup` → 201 [`crate::sessions::SignedIn`]. Succeeds once. */
        SetupRequest: {
            /** @description The first community. */
            community: components["schemas"]["SetupCommunity"];
            /** @description Name of the instance, 1–60 characters. */
            instance_name: string;
            /** @description The owner's password: 10–256 characters, never a default. */
            password: string;
            /** @description Who may create an account. */
            sign_up: components["schemas"]["SignUpMode"];
            /** @description The token after `#` in the link. */
            token: string;
            /** @description How the session travels. */
            transport?: components["schemas"]["Transport"];
            /** @description The owner's account. */
            username: string;
        };
        /** @description A session has begun, or goes on with fresh tokens. `DELETE /api/v1/sessions/current` → 204 ends it. */
        SignedIn: {
            /**
             * Format: int32
             * @description Seconds until the access token must be refreshed.
             */
            access_expires_in_s: number;
            /** @description Present with `transport: bearer` only. */
            access_token?: string | null;
            /** @description Who signed in. */
            me: components["schemas"]["Me"];
            /** @description Present with `transport: bearer` only. */
            refresh_token?: string | null;
        };
        /** @description `POST /api/v1/sessions` → 201 [`SignedIn`]. */
        SignInRequest: {
            /** @description Password. */
            password: string;
            /** @description How the session travels. */
            transport?: components["schemas"]["Transport"];
            /** @description User name; case does not matter. */
            username: string;
        };
        /**
         * @description Who may create an account.
         * @enum {string}
         */
        SignUpMode: "invite" | "open" | "closed";
        /** @description `POST /api/v1/accounts` → 201 [`crate::sessions::SignedIn`]; with an invite the account also enters the community. */
        SignUpRequest: {
            invite?: components["schemas"]["AcceptedInvite"] | null;
            /** @description 10–256 characters. */
            password: string;
            /** @description How the session travels. */
            transport?: components["schemas"]["Transport"];
            /** @description 2–32 characters: letters, digits, `.`, `_`, `-`. */
            username: string;
        };
        /**
         * @description How the tokens of a session travel.
         * @enum {string}
         */
        Transport: "cookie" | "bearer";
        /** @description `PATCH /api/v1/channels/{channel_id}` → 200 [`Channel`]. `DELETE` on the same path → 204. */
        UpdateChannelRequest: {
            /** @description 1–60 characters. */
            name: string;
        };
        /** @description A person as others see them. */
        User: {
            /**
             * Format: uuid
             * @description The account.
             */
            id: string;
            /** @description Unique on the instance. */
            username: string;
        };
        /** @description The voice that a reconnecting client still holds. */
        VoiceClaim: {
            /**
             * Format: uuid
             * @description The room.
             */
            channel_id: string;
            /**
             * Format: int32
             * @description Its epoch.
             */
            epoch: number;
            /**
             * Format: int32
             * @description The number held there.
             */
            voice_number: number;
        };
        /** @description Event `voice_ended`, to the person concerned on all connections: it means the one that holds this epoch and number. */
        VoiceEnded: {
            by?: components["schemas"]["User"] | null;
            /**
             * Format: uuid
             * @description The room.
             */
            channel_id: string;
            /**
             * Format: int32
             * @description Its epoch.
             */
            epoch: number;
            /** @description Why. */
            reason: components["schemas"]["VoiceEndReason"];
            /**
             * Format: int32
             * @description The number that was held there.
             */
            voice_number: number;
        };
        /**
         * @description Why a voice ended that its person did not end.
         * @enum {string}
         */
        VoiceEndReason: "removed" | "room_deleted" | "replaced" | "access_lost" | "connection_lost" | "server_restart";
        /** @description Data of the command `voice_join`, answered by [`VoiceJoined`]. Leaves any room this connection was in. */
        VoiceJoin: {
            /**
             * Format: uuid
             * @description The room.
             */
            channel_id: string;
            /** @description SDP offer: one `sendonly` audio section, then K `recvonly` ones (1–16), in one BUNDLE. */
            offer: string;
            /** @description Hears nothing from the start. */
            self_deafened: boolean;
            /** @description Microphone closed from the start. */
            self_muted: boolean;
        };
        /** @description Answer of `voice_join`. The same epoch and number let a new connection claim this voice by `resume`. */
        VoiceJoined: {
            /** @description SDP answer, ICE-lite, with the host candidates. */
            answer: string;
            /** @description Who is inside, the joining person too. */
            room: components["schemas"]["VoiceRoom"];
            /**
             * Format: int32
             * @description This person's number in the room.
             */
            voice_number: number;
        };
        /** @description `PUT /api/v1/communities/{community_id}/members/{user_id}/voice-mute` → 204. */
        VoiceMuteRequest: {
            /** @description True closes the microphone, false opens it again. */
            muted: boolean;
            /** @description Shown to the person; up to 200 characters. */
            reason?: string | null;
        };
        /** @description A room and all who are in it. */
        VoiceRoom: {
            /**
             * Format: uuid
             * @description The room.
             */
            channel_id: string;
            /**
             * Format: int32
             * @description Counts up each time the room is placed anew, and is 0 while nobody is in it; voice numbers belong to one epoch.
             */
            epoch: number;
            /** @description In the order of joining. */
            occupants: components["schemas"]["Occupant"][];
            /** @description Voice numbers of those who speak now, as [`VoiceSpeaking`] tells from now on. */
            speakers: number[];
        };
        /** @description Event `voice_rooms`: all rooms of a community whose stream goes on. */
        VoiceRooms: {
            /**
             * Format: uuid
             * @description The community.
             */
            community_id: string;
            /** @description Rooms with somebody inside; a room not named is empty. */
            rooms: components["schemas"]["VoiceRoom"][];
        };
        /** @description Event `voice_speaking`: everyone who speaks in a room now (RFC 6464 level over the threshold, with hang-over). */
        VoiceSpeaking: {
            /**
             * Format: uuid
             * @description The room.
             */
            channel_id: string;
            /**
             * Format: int32
             * @description Its epoch.
             */
            epoch: number;
            /** @description Voice numbers; those not named are silent. */
            speakers: number[];
        };
        /** @description Data of the command `voice_state`, answered by `{}`. The server drops the packets of who is muted. */
        VoiceStateUpdate: {
            /** @description Hears nothing; implies muted. */
            self_deafened: boolean;
            /** @description Microphone closed. */
            self_muted: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    sign_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignUpRequest"];
            };
        };
        responses: {
            /** @description The account exists and is signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Refused: `username_taken`, `sign_up_closed`, `sign_up_invite_only`, `invite_…`, `rules_changed`, `validation`, `rate_limited` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    delete_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    update_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateChannelRequest"];
            };
        };
        responses: {
            /** @description The channel as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            /** @description Refused: `validation` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_messages: {
        parameters: {
            query?: {
                /** @description Only messages newer than this one; not together with `before`. */
                after?: string;
                /** @description Only messages older than this one; absent: the newest. */
                before?: string;
                /** @description 1–100; 50 when absent. */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The channel */
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessagePage"];
                };
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_message: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                channel_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendMessageRequest"];
            };
        };
        responses: {
            /** @description This nonce was stored before: the message as it was then */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description Stored */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"];
                };
            };
            /** @description Refused: `validation`, `rate_limited` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_occupant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The room */
                channel_id: string;
                /** @description Who is in it */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person is out */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The community */
                community_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateChannelRequest"];
            };
        };
        responses: {
            /** @description The channel */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            /** @description Refused: `validation`, `limit_reached` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_invites: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The community */
                community_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The invites */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InviteList"];
                };
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The community */
                community_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateInviteRequest"];
            };
        };
        responses: {
            /** @description The invite */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invite"];
                };
            };
            /** @description Refused: `validation`, `limit_reached` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revoke_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The invite's code */
                code: string;
                /** @description The community */
                community_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is taken back */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_voice_mute: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The community */
                community_id: string;
                /** @description Whose microphone */
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VoiceMuteRequest"];
            };
        };
        responses: {
            /** @description It is so */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused: `validation` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_gateway: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Frames from now on: ClientFrame and ServerFrame as text */
            101: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_instance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The instance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Instance"];
                };
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The invite's code */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A usable invite */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitePreview"];
                };
            };
            /** @description Refused: `invite_not_found`, `invite_expired`, `invite_used_up`, `invite_revoked`, `rate_limited` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accept_invite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The invite's code */
                code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptInviteRequest"];
            };
        };
        responses: {
            /** @description The community entered */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Community"];
                };
            };
            /** @description Refused: `invite_…`, `rules_changed` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignInRequest"];
            };
        };
        responses: {
            /** @description Signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Refused: `invalid_credentials`, `rate_limited`, `overloaded` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sign_out: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The session has ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh_session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The session goes on */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Refused: `unauthenticated`, `origin_refused` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_up: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupRequest"];
            };
        };
        responses: {
            /** @description Done; the owner is signed in */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
            /** @description Refused: `setup_token_invalid`, `setup_done`, `validation` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    check_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupCheck"];
            };
        };
        responses: {
            /** @description It does */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused: `setup_token_invalid`, `setup_done` */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alive */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not ready: the database does not answer, voice has ended, or the server stops */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
