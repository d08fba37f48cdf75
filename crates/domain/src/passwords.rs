// SPDX-License-Identifier: Apache-2.0
//! Passwords: length and guessability (NIST SP 800-63B §5.1.1.2: no rules of composition, a list of common ones).

use crate::fields::FieldError;
use crate::names::Username;

/// Shortest password, in characters.
pub const PASSWORD_MIN: usize = 10;
/// Longest password, in characters.
pub const PASSWORD_MAX: usize = 256;

/// Checks a new password for this account.
///
/// # Errors
/// `TooShort`, `TooLong`, and `TooCommon` for the commonest ones, one repeated character, runs
/// of digits or letters in order, and the user name or a repetition of it.
pub fn check(password: &str, username: &Username) -> Result<(), FieldError> {
    match password.chars().count() {
        0..PASSWORD_MIN => return Err(FieldError::TooShort),
        PASSWORD_MIN..=PASSWORD_MAX => {}
        _ => return Err(FieldError::TooLong),
    }
    let folded = password.to_lowercase();
    if COMMON.contains(&folded.as_str()) || is_run(&folded) || folded.replace(username.key().as_str(), "").is_empty() {
        return Err(FieldError::TooCommon);
    }
    Ok(())
}

/// Every character is the one before it plus the same step of -1, 0 or 1; after 9 comes 0.
fn is_run(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    [-1, 0, 1].into_iter().any(|step| {
        chars.windows(2).all(|pair| {
            let (from, to) = (i64::from(u32::from(pair[0])), i64::from(u32::from(pair[1])));
            to - from == step || (step == 1 && pair == ['9', '0']) || (step == -1 && pair == ['0', '9'])
        })
    })
}

/// The commonest passwords of ten characters and more, in lower case, that are no run.
const COMMON: &[&str] = &[
    "1111122222",
    "112233445566",
    "1122334455",
    "1234512345",
    "123123123123",
    "1231231231",
    "123456789a",
    "123456789q",
    "1234567891",
    "12345678910",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "1qazxsw23edc",
    "3rjs1la7qe",
    "a123456789",
    "abc123456789",
    "abcd123456",
    "abcd1234567",
    "adminadmin",
    "administrador",
    "administrator",
    "aaaaa11111",
    "asdfasdfasdf",
    "asdfghjkl1",
    "asdfghjkl123",
    "asdfghjklç",
    "azertyuiop",
    "baseball123",
    "brasil1234",
    "brasil12345",
    "bismillah1",
    "changeme123",
    "chocolate1",
    "christopher",
    "corinthians",
    "corinthians1",
    "cruzeiro123",
    "deusefiel1",
    "deusefiel10",
    "deusefiel123",
    "dragon1234",
    "familia123",
    "felicidade",
    "felicidade1",
    "flamengo10",
    "flamengo123",
    "football123",
    "fuckyou123",
    "gabriel123",
    "gfhjkmgfhjkm",
    "hello12345",
    "iloveyou12",
    "iloveyou123",
    "iloveyou1234",
    "internacional",
    "jesuscristo",
    "jesuscristo1",
    "jesuseamor",
    "jesusteama",
    "letmein1234",
    "liverpool1",
    "manchester",
    "mustang123",
    "minhasenha",
    "minhasenha1",
    "minhasenha123",
    "mudar12345",
    "mudar123456",
    "mypassword",
    "oliveira123",
    "p@ssw0rd123",
    "palmeiras1",
    "palmeiras10",
    "pass123456",
    "passw0rd123",
    "password01",
    "password11",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password!1",
    "princess123",
    "princesa123",
    "q1w2e3r4t5",
    "q1w2e3r4t5y6",
    "qazwsxedcrfv",
    "qwer123456",
    "qwerty1234",
    "qwerty12345",
    "qwerty123456",
    "qwertyqwerty",
    "qwertyuiop",
    "qwertyuiop1",
    "qwertyuiop123",
    "qweasdzxc123",
    "qwe123qwe123",
    "rockyou123",
    "saopaulo123",
    "senha12345",
    "senha123456",
    "senhasenha",
    "soccer1234",
    "superman123",
    "trustno1trustno1",
    "voz do povo",
    "vozdopovo1",
    "vozdopovo123",
    "welcome123",
    "welcome1234",
    "zaq12wsxcde3",
    "zxcvbnm123",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ana() -> Username {
        Username::parse("Ana").unwrap()
    }

    #[test]
    fn lengths() {
        assert_eq!(check("curta", &ana()), Err(FieldError::TooShort));
        assert_eq!(check("", &ana()), Err(FieldError::TooShort));
        assert_eq!(check(&"xy".repeat(129), &ana()), Err(FieldError::TooLong));
        assert_eq!(check(&"xy".repeat(128), &ana()), Ok(()));
        assert_eq!(check("árvore açaí", &ana()), Ok(()));
    }

    #[test]
    fn what_everyone_tries_first() {
        for password in
            ["PassWord123", "1234567890", "0987654321", "aaaaaaaaaa", "abcdefghijkl", "senha12345", "qwertyuiop"]
        {
            assert_eq!(check(password, &ana()), Err(FieldError::TooCommon), "{password}");
        }
    }

    #[test]
    fn the_user_name_is_no_password() {
        let name = Username::parse("Maria.Silva").unwrap();
        assert_eq!(check("maria.SILVA", &name), Err(FieldError::TooCommon));
        assert_eq!(check("anaanaanaana", &ana()), Err(FieldError::TooCommon));
        assert_eq!(check("ana e o violão", &ana()), Ok(()));
    }

    #[test]
    fn the_list_is_reachable() {
        for password in COMMON {
            assert!(password.chars().count() >= PASSWORD_MIN, "{password} is refused by its length");
            assert_eq!(password.to_lowercase(), *password);
            assert!(!is_run(password), "{password} is a run");
        }
        let mut unique = COMMON.to_vec();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), COMMON.len());
    }

    proptest! {
        #[test]
        fn never_panics(password in any::<String>()) {
            let _ = check(&password, &ana());
        }
    }
}
