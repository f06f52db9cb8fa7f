//! Where a request comes from: the client's address, also behind proxies.

use super::state::WebState;
use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, web};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The address of the client: the peer's, or what proxies that are trusted say of theirs.
#[must_use]
pub fn address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let Some(state) = request.app_data::<web::Data<WebState>>() else {
        return Some(peer);
    };
    let lines = request.headers().get_all(HeaderName::from_static("x-forwarded-for"));
    let said: Vec<&str> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    Some(behind(peer, &state.trusted_proxies, &said))
}

/// Goes back from proxy to proxy, each of which put the address it was asked from at the end of what was said, and
/// stops at the first that is not trusted: what stands before is the client's own word.
fn behind(peer: IpAddr, trusted: &[IpNet], said: &[&str]) -> IpAddr {
    let mut at = peer;
    for part in said.iter().rev() {
        if !trusted.iter().any(|network| network.contains(&at)) {
            break;
        }
        let Some(before) = parsed(part.trim()) else { break };
        at = before;
    }
    at
}

/// An address, with a port or without.
fn parsed(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|socket| socket.ip());
    let address = text.parse::<IpAddr>().or_else(|_not_alone| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, trusted: &[&str], said: &[&str]) -> String {
        let trusted: Vec<IpNet> = trusted
            .iter()
            .map(|network| network.parse().expect("a network"))
            .collect();
        behind(peer.parse().expect("an address"), &trusted, said).to_string()
    }

    #[test]
    fn only_proxies_that_are_trusted_are_believed() {
        let proxies = ["10.0.0.0/8", "::1/128"];
        assert_eq!(from("192.0.2.1", &[], &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(from("192.0.2.1", &proxies, &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(from("10.0.0.1", &proxies, &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(from("::1", &proxies, &["198.51.100.7", " 10.0.0.2"]), "198.51.100.7");
        assert_eq!(
            from("10.0.0.1", &proxies, &["6.6.6.6", "198.51.100.7"]),
            "198.51.100.7",
            "a forged beginning"
        );
        assert_eq!(from("10.0.0.1", &proxies, &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(from("10.0.0.1", &proxies, &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(from("10.0.0.1", &proxies, &["nonsense"]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &proxies, &[]), "10.0.0.1");
    }
}
