//! The network faults, by name.

/// A fault of the network in a request or a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NetworkFault {
    /// `Date` is a day behind or ahead.
    ClockSkew,
    /// The response ends in the middle of its body.
    CutOff,
    /// Redirects without end.
    EndlessRedirect,
    /// A body without end.
    HugeBody,
    /// The server responds with 429.
    RateLimitStorm,
    /// The connection is reset before the response.
    Reset,
    /// The server or a gateway fails.
    ServerErrors,
    /// No response is sent.
    Silence,
    /// The body is sent one byte at a time.
    Slow,
    /// Half of the body is sent, with its correct length.
    TruncatedJson,
    /// The content type is wrong.
    WrongContentType,
    /// `Content-Length` is wrong.
    WrongLength,
}

impl NetworkFault {
    /// Every fault, in the order of their names.
    pub const ALL: [Self; 12] = [
        Self::ClockSkew,
        Self::CutOff,
        Self::EndlessRedirect,
        Self::HugeBody,
        Self::RateLimitStorm,
        Self::Reset,
        Self::ServerErrors,
        Self::Silence,
        Self::Slow,
        Self::TruncatedJson,
        Self::WrongContentType,
        Self::WrongLength,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClockSkew => "network.clock-skew",
            Self::CutOff => "network.cut-off",
            Self::EndlessRedirect => "network.endless-redirect",
            Self::HugeBody => "network.huge-body",
            Self::RateLimitStorm => "network.rate-limit-storm",
            Self::Reset => "network.reset",
            Self::ServerErrors => "network.server-errors",
            Self::Silence => "network.silence",
            Self::Slow => "network.slow",
            Self::TruncatedJson => "network.truncated-json",
            Self::WrongContentType => "network.wrong-content-type",
            Self::WrongLength => "network.wrong-length",
        }
    }

    /// The fault of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.name() == name)
    }

    /// A short description. "In turn" means from one request to the next.
    pub const fn effect(self) -> &'static str {
        match self {
            Self::ClockSkew => "Date is a day behind and a day ahead, in turn",
            Self::CutOff => "the connection is closed and reset, in turn, in mid-body",
            Self::EndlessRedirect => "307 without end",
            Self::HugeBody => "a body without end",
            Self::RateLimitStorm => "429; Retry-After in seconds and as a date, in turn",
            Self::Reset => "the connection is reset before the response, after the request was processed",
            Self::ServerErrors => "500, 502, 503 and 504 in turn, the first and third in the envelope",
            Self::Silence => "no response, the connection stays open",
            Self::Slow => "ten bytes of the body a second",
            Self::TruncatedJson => "half of the body, its length right",
            Self::WrongContentType => "Content-Type is text/html for every body",
            Self::WrongLength => "Content-Length above and below the body's, in turn; below, the rest follows on the wire",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        assert!(NetworkFault::ALL.is_sorted_by_key(|fault| fault.name()));
        for fault in NetworkFault::ALL {
            assert_eq!(NetworkFault::of(fault.name()), Some(fault));
        }
        assert_eq!(NetworkFault::of("network."), None);
    }
}
