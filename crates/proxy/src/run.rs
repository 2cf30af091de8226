//! A proxy from its start to its report.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use charter_engine::{CheckOptions, Judge, Judgement, Progress, observe_live};
use charter_report::Report;
use charter_traffic::mask::Masker;
use charter_traffic::record::Recorder;
use charter_traffic::{Exchange, Live};
use tokio::sync::{Semaphore, watch};

use crate::authority::Authority;
use crate::capture::Budget;
use crate::connect::Clients;
use crate::enforce::Enforcer;
use crate::error::Error;
use crate::forward::{Forwarder, Server};
use crate::options::ProxyOptions;
use crate::queue::{Waiting, queue};
use crate::serve::{INNER, serve};
use crate::upstream::Upstream;

/// The bytes that copies of bodies may have together, if that is more than for four bodies of the maximum size.
const BUDGET: usize = 128 << 20;

/// A reverse or forward proxy that judges exchanges. It listens from [`Proxy::bind`] on, and forwards during [`Proxy::run`].
pub struct Proxy {
    judge: Judge,
    forwarder: Forwarder,
    waiting: Waiting,
    recorder: Recorder,
    listener: TcpListener,
    url: String,
    stop: Arc<watch::Sender<bool>>,
}

/// Stops a proxy, from any thread.
#[derive(Clone, Debug)]
pub struct StopHandle(Arc<watch::Sender<bool>>);

impl StopHandle {
    /// Stops the proxy: it accepts no more connections, lets open exchanges end for a few seconds, and returns its report.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Proxy {
    /// Binds the address, and creates the recording.
    ///
    /// # Errors
    /// The options cannot be used, the address cannot be bound, or the recording cannot be created.
    pub fn bind(judge: &Judge, options: ProxyOptions) -> Result<Self, Error> {
        let server = match &options.authority {
            Some(folder) => Server::Any(Arc::new(Authority::open(folder).map_err(Error::Authority)?)),
            None => Server::One(Upstream::parse(&options.upstream).map_err(Error::Upstream)?),
        };
        let upstream = match &server {
            Server::One(upstream) => Some(upstream),
            Server::Any(_) => None,
        };
        if let (Some(lines), Some(har)) = (&options.record, &options.record_har)
            && lines == har
        {
            return Err(Error::SameFile(lines.clone()));
        }
        let contract = judge.contract();
        let masker = Masker::new(&contract.config().mask, &options.secrets)?.with_contract(contract);
        let clients = Clients::new(upstream, &options)?;
        let refused = |source| Error::Listen { address: options.address, source };
        let listener = TcpListener::bind(options.address).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let url = format!("http://{}", reachable(listener.local_addr().map_err(refused)?));
        let recorder = Recorder::new(masker.clone(), options.record.as_deref(), options.record_har.as_deref())?;
        let judge = upstream.map_or_else(|| judge.clone(), |upstream| judge.with_base_url(&upstream.base()));
        let (queue, waiting) = queue();
        let stop = Arc::new(watch::Sender::new(false));
        let forwarder = Forwarder {
            clients,
            server,
            queue: Arc::new(queue),
            budget: Budget::new(BUDGET.max(options.max_body.saturating_mul(4))),
            max_body: options.max_body,
            enforcer: options.enforce.then(|| Enforcer::new(judge.clone(), masker, options.max_body)),
            url: url.clone(),
            stop: stop.subscribe(),
            inner: Arc::new(Semaphore::new(INNER as usize)),
        };
        Ok(Self { judge, forwarder, waiting, recorder, listener, url, stop })
    }

    /// The URL of the proxy, without a slash at its end. Requests to it are forwarded.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of the upstream, without a slash at its end; `None` for a forward proxy.
    pub fn upstream(&self) -> Option<String> {
        match &self.forwarder.server {
            Server::One(upstream) => Some(upstream.base()),
            Server::Any(_) => None,
        }
    }

    /// The file of the certificate that clients of a forward proxy have to trust.
    pub fn certificate_file(&self) -> Option<&Path> {
        match &self.forwarder.server {
            Server::One(_) => None,
            Server::Any(authority) => Some(authority.certificate_file()),
        }
    }

    /// Stops the proxy.
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(self.stop.clone())
    }

    /// Forwards and judges until the proxy is stopped, with all samples.
    ///
    /// # Errors
    /// The recording cannot be written.
    pub fn run(self) -> Result<Report, Error> {
        let options = CheckOptions::default().with_samples(None);
        self.run_with(&options, &mut |_, _| {}, &mut |_| ControlFlow::Continue(()))
    }

    /// Forwards and judges until the proxy is stopped. `observe` is called with each exchange that has findings, masked, and its
    /// judgement. `progress` is called after each batch and at least ten times per second. If it returns `Break`, the proxy stops at once,
    /// and its report is incomplete.
    ///
    /// # Errors
    /// The recording cannot be written.
    pub fn run_with(
        self,
        options: &CheckOptions,
        observe: &mut dyn FnMut(&Exchange, &Judgement),
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Report, Error> {
        let base = self.upstream().unwrap_or_else(|| self.url.clone());
        let Self { judge, forwarder, mut waiting, mut recorder, listener, url: _, stop } = self;
        let queue = forwarder.queue.clone();
        let (forwarder, stopped) = (Arc::new(forwarder), stop.subscribe());
        // A separate thread, because the caller may be inside a runtime.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::Thread)?;
        let thread = std::thread::Builder::new().name("charter-proxy".to_owned()).spawn(move || {
            runtime.block_on(async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    serve(listener, forwarder, stopped).await;
                }
            });
            runtime.shutdown_background();
            queue.end();
        });
        let thread = thread.map_err(Error::Thread)?;
        let mut next = || waiting.next();
        let live = Live { name: base.into(), recorder: &mut recorder, next: &mut next, unseen: &mut || None };
        let report = observe_live(&judge, live, options, observe, progress);
        stop.send_replace(true);
        let report = match report {
            // After the end, the thread waits for nothing.
            Ok(report) if report.complete => {
                let _ = thread.join();
                report
            }
            Ok(report) => report,
            Err(error) => return Err(error.into()),
        };
        recorder.finish()?;
        Ok(report)
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Proxy").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The address that programs on this machine can connect to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) });
    }
    address
}
