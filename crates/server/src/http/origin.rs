// SPDX-License-Identifier: Apache-2.0
//! Which web pages are ours: the Origin (RFC 6454) that a request with cookies must come from.

use axum::http::{HeaderMap, Uri, header};
use serde::{Deserialize, Deserializer};
use voz_protocol::errors::ErrorCode;

use super::problem::Refused;

/// Scheme of a public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain; on loopback only.
    Http,
    /// Over TLS.
    Https,
}

/// The address under which browsers reach this instance: an origin, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    scheme: Scheme,
    /// Lower case; a literal IPv6 address with brackets.
    host: String,
    port: Option<u16>,
}

/// Why a text is no public URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicUrlError {
    /// Not of the form `https://host[:port]`.
    #[error("a public URL looks like https://voz.example.org, without a path")]
    Form,
    /// A browser gives neither microphone nor safe cookies to plain http elsewhere than on loopback.
    #[error("a public URL needs https, except on localhost")]
    Plain,
}

impl PublicUrl {
    /// Reads `https://host[:port]`, or the same with http on loopback.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let uri: Uri = text.parse().map_err(|_| PublicUrlError::Form)?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(PublicUrlError::Form),
        };
        let authority = uri.authority().ok_or(PublicUrlError::Form)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@') {
            return Err(PublicUrlError::Form);
        }
        let host = authority.host().to_ascii_lowercase();
        if scheme == Scheme::Http && !is_loopback(&host) {
            return Err(PublicUrlError::Plain);
        }
        let default_port = match scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        };
        let port = authority.port_u16().filter(|port| *port != default_port);
        Ok(PublicUrl { scheme, host, port })
    }

    /// Whether browsers come over TLS.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// The port browsers use.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        })
    }

    /// `host[:port]`.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The ASCII serialisation of the origin (RFC 6454 §6.2), which is also the URL without a path.
    pub fn origin(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://{}", self.authority())
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        PublicUrl::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// `localhost`, 127.0.0.0/8 and `[::1]`, as they stand in a URL.
fn is_loopback(host: &str) -> bool {
    if host == "localhost" {
        return true;
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The Origin that this instance takes.
#[derive(Debug, Clone)]
pub enum OwnOrigin {
    /// The configured public URL, nothing else.
    Public(PublicUrl),
    /// Without a public URL: http on a loopback host, this port, and the very host that was asked.
    Loopback {
        /// The port HTTP listens on.
        port: u16,
    },
}

impl OwnOrigin {
    /// For requests that act by a cookie they carry: the header must be there and name us.
    ///
    /// # Errors
    /// `origin_refused`.
    pub fn require(&self, headers: &HeaderMap) -> Result<(), Refused> {
        match headers.get(header::ORIGIN) {
            Some(origin) if self.is_ours(origin.as_bytes(), headers) => Ok(()),
            Some(_) | None => Err(Refused::because(ErrorCode::OriginRefused)),
        }
    }

    /// For requests that would set a cookie: a browser always sends the header with a `POST` from
    /// elsewhere, so its absence means a program.
    ///
    /// # Errors
    /// `origin_refused`.
    pub fn allow(&self, headers: &HeaderMap) -> Result<(), Refused> {
        if headers.contains_key(header::ORIGIN) { self.require(headers) } else { Ok(()) }
    }

    fn is_ours(&self, origin: &[u8], headers: &HeaderMap) -> bool {
        match self {
            OwnOrigin::Public(url) => origin.eq_ignore_ascii_case(url.origin().as_bytes()),
            OwnOrigin::Loopback { port } => {
                let Some(authority) = std::str::from_utf8(origin).ok().and_then(|text| text.strip_prefix("http://"))
                else {
                    return false;
                };
                let asked = headers.get(header::HOST).map(|host| host.as_bytes());
                if asked.is_none_or(|asked| !asked.eq_ignore_ascii_case(authority.as_bytes())) {
                    return false;
                }
                PublicUrl::parse(&format!("http://{authority}")).is_ok_and(|url| url.port() == *port)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_public_url_is_an_origin_over_tls_or_on_loopback() {
        assert_eq!(PublicUrl::parse("https://Voz.Example.org:443/").unwrap().origin(), "https://voz.example.org");
        assert_eq!(PublicUrl::parse("https://voz.example.org:8443").unwrap().origin(), "https://voz.example.org:8443");
        assert_eq!(PublicUrl::parse("http://[::1]:80").unwrap().origin(), "http://[::1]");
        assert_eq!(PublicUrl::parse("http://voz.example.org"), Err(PublicUrlError::Plain));
        for text in ["voz.example.org", "https://a/b", "https://a?b", "ftp://a", "https://me@a", "", "https://"] {
            assert_eq!(PublicUrl::parse(text), Err(PublicUrlError::Form), "{text}");
        }
    }

    #[test]
    fn on_loopback_the_exact_host_and_port_are_ours() {
        let own = OwnOrigin::Loopback { port: 8080 };
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(own.require(&headers(host, Some(&format!("http://{host}")))).is_ok(), "{host}");
        }
        for (host, origin) in [
            ("127.0.0.1:8080", "http://localhost:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8081"),
            ("127.0.0.1:8080", "https://127.0.0.1:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1"),
            ("127.0.0.1:8080", "null"),
            ("127.0.0.1:8080", ""),
            ("evil.example:8080", "http://evil.example:8080"),
            ("localhost.evil.example:8080", "http://localhost.evil.example:8080"),
        ] {
            assert!(own.require(&headers(host, Some(origin))).is_err(), "{host} {origin}");
        }
    }

    #[test]
    fn a_public_url_is_the_only_origin_then() {
        let own = OwnOrigin::Public(PublicUrl::parse("https://voz.example.org").unwrap());
        assert!(own.require(&headers("inner:8080", Some("https://voz.example.org"))).is_ok());
        assert!(own.require(&headers("127.0.0.1:8080", Some("http://127.0.0.1:8080"))).is_err());
        assert!(own.require(&headers("voz.example.org", Some("https://voz.example.org.evil.example"))).is_err());
    }

    #[test]
    fn no_origin_is_refused_where_a_cookie_acts_and_taken_where_one_is_set() {
        let own = OwnOrigin::Loopback { port: 8080 };
        assert!(own.require(&headers("127.0.0.1:8080", None)).is_err());
        assert!(own.allow(&headers("127.0.0.1:8080", None)).is_ok());
        assert!(own.allow(&headers("127.0.0.1:8080", Some("https://evil.example"))).is_err());
    }
}
