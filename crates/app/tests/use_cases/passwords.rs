// SPDX-License-Identifier: Apache-2.0
//! The gate before Argon2id.

use voz_app::{PasswordConfig, Passwords};
use voz_domain::limits::Limits;
use voz_protocol::errors::ErrorCode;

use crate::world::*;

#[tokio::test]
async fn beyond_the_queue_the_answer_is_to_come_back() {
    let passwords = Passwords::new(PasswordConfig { concurrent: 1, queue: 2 });
    let verify = || passwords.verify(PASSWORD.to_owned(), None);
    let (a, b, c, d, e) = tokio::join!(verify(), verify(), verify(), verify(), verify());
    let outcomes = [a, b, c, d, e];
    let busy: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(!busy.is_empty());
    for error in busy {
        assert_eq!(error.code(), ErrorCode::Overloaded);
        assert!(error.retry_after_s().is_some_and(|wait| wait > 0));
    }
    assert!(outcomes.iter().filter(|outcome| outcome.is_ok()).count() >= 3, "one runs and two wait");
    assert!(!verify().await.unwrap(), "the places are free again");
}

#[tokio::test]
async fn a_password_is_known_again_and_nobody_has_none() {
    let world = World::sqlite(Limits::default()).await;
    let passwords = Passwords::new(PasswordConfig::default());
    let stored = passwords.hash(&mut world.moment(), PASSWORD.to_owned()).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    assert!(passwords.verify(PASSWORD.to_owned(), Some(stored.clone())).await.unwrap());
    assert!(!passwords.verify("outra coisa".to_owned(), Some(stored.clone())).await.unwrap());
    assert!(!passwords.verify(PASSWORD.to_owned(), None).await.unwrap());
    let again = passwords.hash(&mut world.moment(), PASSWORD.to_owned()).await.unwrap();
    assert_ne!(stored, again, "each has its own salt");
}

#[tokio::test]
async fn a_hash_of_the_reference_implementation_with_other_parameters_is_known() {
    // `echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1`, from the test program of the reference
    // implementation (phc-winner-argon2, src/test.c).
    let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let passwords = Passwords::new(PasswordConfig::default());
    let verify = |password: &str, stored: &str| passwords.verify(password.to_owned(), Some(stored.to_owned()));
    assert!(verify("password", stored).await.unwrap());
    assert!(!verify("passwore", stored).await.unwrap());
    assert!(verify("password", "$argon2id$v=19$m=1,t=2").await.is_err());
    assert!(verify("password", "").await.is_err());
}
