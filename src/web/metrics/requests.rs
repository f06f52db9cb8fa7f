//! What is measured of requests: how many came to each route, how they ended, how long they took, how many are under way.

use crate::web::routes::Skin;
use crate::web::state::WebState;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Instant;

/// Which line of the URL table a request came to. `app` puts it beside the handlers of its path.
#[derive(Clone, Copy)]
pub struct Matched {
    /// The path, with its parameters.
    pub path: &'static str,
    /// How it is spoken to.
    pub skin: Skin,
}

/// A label for what came to no route, so that no path that somebody makes up becomes one.
const NONE: &str = "none";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Spoken {
    kind: &'static str,
}

/// Upper bounds of the histogram's buckets, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

/// What was counted since the start.
pub struct Requests {
    answered: Family<Answered, Counter>,
    seconds: Family<Spoken, Histogram>,
    under_way: Gauge,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            under_way: Gauge::default(),
        }
    }
}

impl Requests {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "rongqiao_http_requests",
            "Requests that were answered, by route, method and class of status",
            self.answered.clone(),
        );
        registry.register(
            "rongqiao_http_request_duration_seconds",
            "Time from a request's head to its answer's, by the kind of its route",
            self.seconds.clone(),
        );
        registry.register(
            "rongqiao_http_requests_in_flight",
            "Requests that are under way",
            self.under_way.clone(),
        );
    }
}

/// A request under way, until it is dropped: also where the client goes away before the answer.
struct UnderWay(Gauge);

impl UnderWay {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Measures a request.
///
/// # Errors
/// What comes after it gives.
pub async fn measure<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let Some(state) = request.app_data::<web::Data<WebState>>().cloned() else {
        return next.call(request).await;
    };
    let requests = &state.requests;
    let method = method(request.method());
    let _under_way = UnderWay::of(&requests.under_way);
    let began = Instant::now();
    let answer = next.call(request).await;
    let (matched, status) = match &answer {
        Ok(answer) => (answer.request().app_data::<Matched>().copied(), answer.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    let (route, kind) = matched.map_or((NONE, NONE), |matched| (matched.path, kind(matched.skin)));
    let answered = Answered {
        route,
        method,
        status: class(status),
    };
    requests.answered.get_or_create(&answered).inc();
    let seconds = began.elapsed().as_secs_f64();
    requests.seconds.get_or_create(&Spoken { kind }).observe(seconds);
    answer
}

const fn kind(skin: Skin) -> &'static str {
    match skin {
        Skin::Api => "api",
        Skin::Page => "page",
        Skin::System => "system",
    }
}

/// A method may be any word; those that no route knows are one.
fn method(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 6] = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
    ];
    let known = KNOWN.iter().find(|(known, _)| known == method);
    known.map_or("other", |(_, name)| name)
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
