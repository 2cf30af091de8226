//! The certificate authority of a forward proxy: its files, and certificates for the hosts that clients connect to.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use jiff::{Span, Timestamp, ToSpan, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};

use crate::error::AuthorityError;

/// The file of the certificate that clients trust.
const CERTIFICATE: &str = "ca.pem";
/// The file of its private key, which only its owner can read.
const KEY: &str = "ca-key.pem";
/// The name of the authority.
const NAME: &str = "charter proxy";
/// How long the certificate of the authority is valid.
const YEARS: i64 = 10;
/// How long the certificate of a host is valid. Some clients accept no longer time.
const DAYS: i64 = 90;
/// The most hosts whose certificates are kept.
const MOST_HOSTS: usize = 4096;

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate_file: PathBuf,
    /// The key of every host.
    key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    /// The certificates of hosts.
    known: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Authority {
    /// Reads the authority in a folder, or creates it.
    ///
    /// # Errors
    /// A file cannot be read, written or used, or others than its owner can read the key.
    pub(crate) fn open(folder: &Path) -> Result<Self, AuthorityError> {
        let (certificate_file, key_file) = (folder.join(CERTIFICATE), folder.join(KEY));
        let key = match key_file.exists() {
            true => read(&key_file, &certificate_file)?,
            false => create(folder, &key_file, &certificate_file)?,
        };
        let issuer = Issuer::new(parameters(), key);
        let key = KeyPair::generate().map_err(AuthorityError::Certificate)?;
        let der = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let signing_key = ring::sign::any_supported_type(&der).map_err(AuthorityError::Tls)?;
        Ok(Self { issuer, certificate_file, key, signing_key, known: Mutex::default() })
    }

    /// The file of the certificate that clients have to trust.
    pub(crate) fn certificate_file(&self) -> &Path {
        &self.certificate_file
    }

    /// The settings of TLS for a client that connects to a host.
    pub(crate) fn server(self: &Arc<Self>, host: &str) -> Result<ServerConfig, rustls::Error> {
        let resolver = Hosts { authority: self.clone(), host: host.to_owned() };
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn certificate(&self, host: &str) -> Result<Arc<CertifiedKey>, rcgen::Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(host) {
            return Ok(found.clone());
        }
        let date = |day: Date| date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
        let mut parameters = CertificateParams::new([host.to_owned()])?;
        parameters.distinguished_name = named(host);
        let (from, to) = validity(DAYS.days());
        (parameters.not_before, parameters.not_after) = (date(from), date(to));
        parameters.use_authority_key_identifier_extension = true;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = parameters.signed_by(&self.key, &self.issuer)?;
        let certified = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], self.signing_key.clone()));
        if known.len() >= MOST_HOSTS {
            known.clear();
        }
        known.insert(host.to_owned(), certified.clone());
        Ok(certified)
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("certificate_file", &self.certificate_file).finish_non_exhaustive()
    }
}

/// Chooses the certificate of the host that a client names in TLS, or that it connects to.
#[derive(Debug)]
struct Hosts {
    authority: Arc<Authority>,
    host: String,
}

impl ResolvesServerCert for Hosts {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.authority.certificate(hello.server_name().unwrap_or(&self.host)).ok()
    }
}

/// The parameters of the authority, equal in every run.
fn parameters() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = named(NAME);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished_name = DistinguishedName::new();
    distinguished_name.push(DnType::CommonName, name);
    distinguished_name
}

/// From yesterday on, because clocks differ.
fn validity(span: Span) -> (Date, Date) {
    let today = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    (today.yesterday().unwrap_or(today), today.checked_add(span).unwrap_or(today))
}

/// Reads the key of an authority, whose certificate must have it.
fn read(key_file: &Path, certificate_file: &Path) -> Result<KeyPair, AuthorityError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| AuthorityError::File { path, source }
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let mode = std::fs::metadata(key_file).map_err(failed(key_file))?.mode();
        if mode & 0o077 != 0 {
            return Err(AuthorityError::Readable(key_file.to_owned()));
        }
    }
    let text = std::fs::read_to_string(key_file).map_err(failed(key_file))?;
    // The error of the parser may have a part of the key.
    let key = KeyPair::from_pem(&text).map_err(|_| AuthorityError::Key(key_file.to_owned()))?;
    let pem = std::fs::read(certificate_file).map_err(failed(certificate_file))?;
    let certificate = CertificateDer::from_pem_slice(&pem).map_err(|_| AuthorityError::Unequal(certificate_file.to_owned()))?;
    let public = key.subject_public_key_info();
    match certificate.windows(public.len()).any(|part| part == public) {
        true => Ok(key),
        false => Err(AuthorityError::Unequal(certificate_file.to_owned())),
    }
}

/// Creates the files of an authority.
fn create(folder: &Path, key_file: &Path, certificate_file: &Path) -> Result<KeyPair, AuthorityError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| AuthorityError::File { path, source }
    };
    let key = KeyPair::generate().map_err(AuthorityError::Certificate)?;
    let date = |day: Date| date_time_ymd(day.year().into(), day.month().unsigned_abs(), day.day().unsigned_abs());
    let mut parameters = parameters();
    let (from, to) = validity(YEARS.years());
    (parameters.not_before, parameters.not_after) = (date(from), date(to));
    let certificate = parameters.self_signed(&key).map_err(AuthorityError::Certificate)?;
    let mut builder = std::fs::DirBuilder::new();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
        builder.mode(0o700);
        options.mode(0o600);
    }
    builder.recursive(true).create(folder).map_err(failed(folder))?;
    let mut file = options.open(key_file).map_err(failed(key_file))?;
    file.write_all(key.serialize_pem().as_bytes()).map_err(failed(key_file))?;
    std::fs::write(certificate_file, certificate.pem()).map_err(failed(certificate_file))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_key_of_an_authority_is_private_and_belongs_to_its_certificate() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("authority");
        let created = Authority::open(&path).expect("an authority");
        let mode = |name: &str| std::fs::metadata(path.join(name)).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode(KEY), 0o600);
        let before = std::fs::read(path.join(CERTIFICATE)).expect("a file");
        let again = Authority::open(&path).expect("an authority");
        assert_eq!(created.issuer.key().serialize_der(), again.issuer.key().serialize_der());
        assert_eq!(std::fs::read(path.join(CERTIFICATE)).expect("a file"), before);
        let public = |mode| std::fs::set_permissions(path.join(KEY), std::fs::Permissions::from_mode(mode)).expect("permissions");
        public(0o640);
        assert!(matches!(Authority::open(&path), Err(AuthorityError::Readable(_))));
        public(0o600);
        let other = KeyPair::generate().expect("a key").serialize_pem();
        std::fs::write(path.join(KEY), &other).expect("a file");
        assert!(matches!(Authority::open(&path), Err(AuthorityError::Unequal(_))));
        std::fs::write(path.join(KEY), other.replace("BEGIN", "BEGUN")).expect("a file");
        let error = Authority::open(&path).expect_err("a damaged key");
        assert!(matches!(error, AuthorityError::Key(_)) && !error.to_string().contains(other.lines().nth(1).expect("a line")));
    }
}
