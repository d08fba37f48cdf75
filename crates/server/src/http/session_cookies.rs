// SPDX-License-Identifier: Apache-2.0
//! The cookies that carry a browser's session (RFC 6265bis): HttpOnly, SameSite=Strict, Path=/.
//!
//! Over TLS they have the `__Host-` prefix and are Secure, so that no other host can set them. On
//! loopback http neither is possible in every browser; there the port is in the name, because
//! cookies ignore ports and two instances on one machine would sign each other out.

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

use super::origin::PublicUrl;

/// Names and attributes of the two cookies on this instance.
#[derive(Debug, Clone)]
pub struct SessionCookies {
    access: String,
    refresh: String,
    secure: bool,
}

impl SessionCookies {
    /// Under a public URL over TLS.
    pub fn over_tls() -> Self {
        SessionCookies { access: "__Host-voz_access".into(), refresh: "__Host-voz_refresh".into(), secure: true }
    }

    /// On loopback http, where browsers reach this port.
    pub fn on_loopback(port: u16) -> Self {
        SessionCookies { access: format!("voz_access_{port}"), refresh: format!("voz_refresh_{port}"), secure: false }
    }

    /// As the public URL wants it; without one, as on loopback http at the port listened on.
    pub fn of(public_url: Option<&PublicUrl>, listen_port: u16) -> Self {
        match public_url {
            Some(url) if url.is_https() => Self::over_tls(),
            Some(url) => Self::on_loopback(url.port()),
            None => Self::on_loopback(listen_port),
        }
    }

    /// The access token that the request carries.
    pub fn access_in(&self, headers: &HeaderMap) -> Option<String> {
        value_in(headers, &self.access)
    }

    /// The refresh token that the request carries.
    pub fn refresh_in(&self, headers: &HeaderMap) -> Option<String> {
        value_in(headers, &self.refresh)
    }

    /// Has the browser keep both tokens for as long as they may live.
    pub fn set(&self, headers: &mut HeaderMap, access: (&str, Duration), refresh: (&str, Duration)) {
        for (name, (token, lifetime)) in [(&self.access, access), (&self.refresh, refresh)] {
            append(headers, &self.cookie(name, token, lifetime));
        }
    }

    /// Has the browser forget both.
    pub fn clear(&self, headers: &mut HeaderMap) {
        for name in [&self.access, &self.refresh] {
            append(headers, &self.cookie(name, "", Duration::ZERO));
        }
    }

    fn cookie<'a>(&'a self, name: &'a str, value: &'a str, lifetime: Duration) -> Cookie<'a> {
        Cookie::build((name, value))
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Strict)
            .path("/")
            .max_age(lifetime)
            .build()
    }
}

fn value_in(headers: &HeaderMap, name: &str) -> Option<String> {
    CookieJar::from_headers(headers).get(name).map(|cookie| cookie.value().to_owned()).filter(|value| !value.is_empty())
}

fn append(headers: &mut HeaderMap, cookie: &Cookie<'_>) {
    // Names are ours and tokens are base64url: always a valid header value.
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cookies: &SessionCookies) -> Vec<String> {
        let mut headers = HeaderMap::new();
        cookies.set(&mut headers, ("a", Duration::minutes(15)), ("r", Duration::days(30)));
        headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn over_tls_they_have_the_host_prefix_and_are_secure() {
        assert_eq!(
            set(&SessionCookies::over_tls()),
            [
                "__Host-voz_access=a; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=900",
                "__Host-voz_refresh=r; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000",
            ]
        );
    }

    #[test]
    fn on_loopback_they_have_the_port_in_the_name() {
        assert_eq!(
            set(&SessionCookies::on_loopback(8080)),
            [
                "voz_access_8080=a; HttpOnly; SameSite=Strict; Path=/; Max-Age=900",
                "voz_refresh_8080=r; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000",
            ]
        );
    }

    #[test]
    fn they_are_found_again_among_others_and_an_empty_one_is_none() {
        let cookies = SessionCookies::on_loopback(8080);
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("x=1; voz_access_8080=abc"));
        headers.append(header::COOKIE, HeaderValue::from_static("voz_access_8081=def; voz_refresh_8080="));
        assert_eq!(cookies.access_in(&headers).as_deref(), Some("abc"));
        assert_eq!(cookies.refresh_in(&headers), None);
    }
}
