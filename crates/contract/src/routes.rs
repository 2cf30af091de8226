//! Which operation a request belongs to: by host, base path, path template and method.

use std::collections::HashMap;

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;

use crate::model::{Operation, Server};

/// The operations of a contract, indexed by their paths.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    /// Operations whose first path segment is literal, by that segment.
    by_segment: HashMap<String, Vec<usize>>,
    /// Operations whose first path segment has a parameter.
    others: Vec<usize>,
    /// Operations with servers of their own.
    with_servers: Vec<usize>,
    /// The rank of each operation: a lower rank is more specific.
    ranks: Vec<usize>,
}

/// The operation of a request.
#[derive(Debug)]
#[non_exhaustive]
pub struct Route<'c> {
    /// The operation.
    pub operation: &'c Operation,
    /// The path parameters as sent, still percent-encoded.
    pub path: IndexMap<String, String>,
}

/// Why a request belongs to no operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoRoute {
    /// No server of the contract has this host.
    Host(String),
    /// The path is documented for these other methods only.
    Method(Vec<String>),
    /// The path is not documented.
    Path,
}

impl Routes {
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let mut order: Vec<usize> = (0..operations.len()).collect();
        order.sort_by_cached_key(|index| operations[*index].path.specificity());
        let mut routes = Self { ranks: vec![0; operations.len()], ..Self::default() };
        for (rank, index) in order.into_iter().enumerate() {
            routes.ranks[index] = rank;
            let segment = first_segment(&operations[index].path.0);
            if !operations[index].servers.is_empty() {
                routes.with_servers.push(index);
            } else if segment.contains('{') {
                routes.others.push(index);
            } else {
                routes.by_segment.entry(decoded(segment)).or_default().push(index);
            }
        }
        routes
    }

    /// The operations without servers of their own that a path may belong to.
    fn candidates(&self, path: &str) -> impl Iterator<Item = usize> {
        let literal = self.by_segment.get(&decoded(first_segment(path)));
        literal.into_iter().flatten().chain(&self.others).copied()
    }
}

/// The parts of a contract that decide the operation of a request.
#[derive(Clone, Copy)]
pub(crate) struct Paths<'c> {
    pub(crate) operations: &'c [Operation],
    pub(crate) servers: &'c [Server],
    /// Base paths in addition to those of the servers.
    pub(crate) base_paths: &'c [String],
    /// A server that is known to have every operation.
    pub(crate) live: Option<&'c Server>,
}

impl<'c> Paths<'c> {
    pub(crate) fn route(self, routes: &Routes, method: &str, host: Option<&str>, path: &str) -> Result<Route<'c>, NoRoute> {
        let host = host.filter(|host| !is_loopback(host));
        let mut search = Search { operations: self.operations, ranks: &routes.ranks, method, found: Vec::new(), allowed: Vec::new() };
        let mut known_host = host.is_none();
        if let Some(rests) = self.below_servers(self.servers, host, path) {
            known_host = true;
            for rest in rests {
                routes.candidates(rest).for_each(|index| search.try_operation(index, rest));
            }
        }
        for index in &routes.with_servers {
            let Some(rests) = self.below_servers(&self.operations[*index].servers, host, path) else { continue };
            known_host = true;
            rests.into_iter().for_each(|rest| search.try_operation(*index, rest));
        }
        search.finish().map_err(|methods| match host {
            Some(host) if !known_host => NoRoute::Host(host.to_owned()),
            _ if methods.is_empty() => NoRoute::Path,
            _ => NoRoute::Method(methods),
        })
    }

    /// What follows the base paths of servers in a path; `None` if none of the servers has the host.
    fn below_servers<'p>(self, servers: &[Server], host: Option<&str>, path: &'p str) -> Option<Vec<&'p str>> {
        let names_hosts = servers.iter().any(|server| server.matches_host("").is_some());
        let fits = |server: &&Server| host.is_none_or(|host| server.matches_host(host).unwrap_or(!names_hosts));
        let is_live = |server: &&Server| host.is_none_or(|host| server.matches_host(host) == Some(true));
        let live = self.live.into_iter().filter(is_live);
        let fitting: Vec<&Server> = servers.iter().filter(fits).chain(live).collect();
        if fitting.is_empty() && !servers.is_empty() {
            return None;
        }
        let bases = self.base_paths.iter().map(|base| base.trim_end_matches('/'));
        let mut rests: Vec<&str> = bases.filter_map(|base| path.strip_prefix(base)).collect();
        rests.retain(|rest| rest.is_empty() || rest.starts_with('/'));
        rests.extend(fitting.into_iter().flat_map(|server| server.below(path)));
        if servers.is_empty() && self.base_paths.is_empty() {
            rests.push(path);
        }
        // A URL that ends with the base path means the path `/`.
        rests.iter_mut().filter(|rest| rest.is_empty()).for_each(|rest| *rest = "/");
        rests.sort_unstable_by_key(|rest| rest.len());
        rests.dedup();
        Some(rests)
    }
}

/// An operation that matches a path.
struct Match<'p> {
    /// The length of the path after the base path, the rank and the index of the operation: the least is the best match.
    order: (usize, usize, usize),
    /// The parameters.
    path: IndexMap<String, &'p str>,
}

/// The operations that match a path.
struct Search<'c, 's, 'p> {
    operations: &'c [Operation],
    ranks: &'s [usize],
    method: &'s str,
    found: Vec<Match<'p>>,
    /// The rank and the method of operations with another method.
    allowed: Vec<(usize, &'c str)>,
}

impl<'c, 'p> Search<'c, '_, 'p> {
    fn try_operation(&mut self, index: usize, rest: &'p str) {
        let operation = &self.operations[index];
        let Some(path) = operation.captures(rest) else { return };
        let rank = self.ranks[index];
        // Methods are case-sensitive (RFC 9110, section 9.1), but recorders write them in lower case too.
        match operation.method.0.eq_ignore_ascii_case(self.method) {
            true => self.found.push(Match { order: (rest.len(), rank, index), path }),
            false => self.allowed.push((rank, &operation.method.0)),
        }
    }

    /// The most specific match, or the methods that the path is documented for.
    fn finish(mut self) -> Result<Route<'c>, Vec<String>> {
        let best = self.found.into_iter().min_by_key(|found| found.order);
        if let Some(Match { order: (_, _, index), path }) = best {
            let path = path.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
            return Ok(Route { operation: &self.operations[index], path });
        }
        self.allowed.sort_unstable();
        let mut methods: Vec<String> = Vec::new();
        for (_, method) in self.allowed {
            if !methods.iter().any(|known| known == method) {
                methods.push(method.to_owned());
            }
        }
        Err(methods)
    }
}

/// The first segment of a path, without slashes.
fn first_segment(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default()
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Whether a host, with or without a port, is the local machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_loopback_address = name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback() || address.is_unspecified());
    name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost") || is_loopback_address
}
