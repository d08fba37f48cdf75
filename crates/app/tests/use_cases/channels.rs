// SPDX-License-Identifier: Apache-2.0
//! Channels and rooms.

use voz_domain::ids::StreamId;
use voz_domain::limits::Limits;
use voz_protocol::channels::{ChannelKind, UpdateChannelRequest};
use voz_protocol::errors::{ErrorCode, FieldError};
use voz_protocol::gateway::ServerEvent;
use voz_protocol::instance::SignUpMode;

use crate::world::*;

on_both_engines! {
    async fn made_renamed_and_removed_each_is_told_once(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let (app, owner) = (&world.app, &square.owner);
        let mut heard = world.listen([StreamId::Community(square.community)]);
        let request = named(ChannelKind::Room, "  Varanda ");
        let made = app.channel_create(&mut world.moment(), owner, square.community, request).await.unwrap();
        assert_eq!((made.kind, made.name.as_str(), made.position), (ChannelKind::Room, "Varanda", 1));
        assert!(matches!(heard.next().await.2, ServerEvent::ChannelCreated(told) if told == made));

        let rename = |name: &str| UpdateChannelRequest { name: name.to_owned() };
        let renamed = app.channel_update(&mut world.moment(), owner, channel_id(&made), rename("Quintal")).await.unwrap();
        assert_eq!((renamed.id, renamed.name.as_str()), (made.id, "Quintal"));
        assert!(matches!(heard.next().await.2, ServerEvent::ChannelUpdated(told) if told == renamed));
        let same = app.channel_update(&mut world.moment(), owner, channel_id(&made), rename("Quintal")).await.unwrap();
        assert_eq!(same, renamed);

        app.channel_delete(&mut world.moment(), owner, channel_id(&made)).await.unwrap();
        let (_, _, told) = heard.next().await;
        assert!(matches!(told, ServerEvent::ChannelDeleted { channel_id } if channel_id == made.id));
        let again = app.channel_delete(&mut world.moment(), owner, channel_id(&made)).await;
        assert_eq!(again.code(), ErrorCode::NotFound);
        let gone = app.channel_update(&mut world.moment(), owner, channel_id(&made), rename("Sala")).await;
        assert_eq!(gone.code(), ErrorCode::NotFound);
        assert!(heard.is_silent().await);
    }

    async fn two_made_at_once_have_two_places(world: World) {
        let square = world.set_up(SignUpMode::Invite).await;
        let (mut first, mut second) = (world.moment(), world.moment());
        let (a, b) = tokio::join!(
            world.app.channel_create(&mut first, &square.owner, square.community, named(ChannelKind::Text, "a")),
            world.app.channel_create(&mut second, &square.owner, square.community, named(ChannelKind::Text, "b")),
        );
        let mut places = [a.unwrap().position, b.unwrap().position];
        places.sort_unstable();
        assert_eq!(places, [1, 2]);
    }
}

#[tokio::test]
async fn a_community_has_no_more_channels_than_it_may() {
    let world = World::sqlite(limits(|limits| limits.channels_per_community = 3)).await;
    let square = world.set_up(SignUpMode::Invite).await;
    let (app, owner) = (&world.app, &square.owner);
    let third = named(ChannelKind::Text, "terceiro");
    app.channel_create(&mut world.moment(), owner, square.community, third).await.unwrap();
    let fourth = named(ChannelKind::Text, "quarto");
    let refused = app.channel_create(&mut world.moment(), owner, square.community, fourth).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::LimitReached);
    assert_eq!(refused.fields().into_keys().collect::<Vec<_>>(), ["channels"]);
}

#[tokio::test]
async fn a_name_has_one_line_and_up_to_sixty_characters() {
    let world = World::sqlite(Limits::default()).await;
    let square = world.set_up(SignUpMode::Invite).await;
    for (name, error) in
        [(" ", FieldError::Empty), ("a\nb", FieldError::Characters), (&*"x".repeat(61), FieldError::TooLong)]
    {
        let request = named(ChannelKind::Text, name);
        let refused = world.app.channel_create(&mut world.moment(), &square.owner, square.community, request).await;
        assert_eq!(refused.unwrap_err().fields().get("name"), Some(&error));
        let request = UpdateChannelRequest { name: name.to_owned() };
        let refused = world.app.channel_update(&mut world.moment(), &square.owner, square.text, request).await;
        assert_eq!(refused.unwrap_err().fields().get("name"), Some(&error));
    }
}
