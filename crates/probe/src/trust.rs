//! The certificates that a probe trusts in addition to those of the system.
//!
//! `openssl req -x509` marks its certificate as a certificate authority. webpki rejects such a certificate as that of a server, even
//! if it is trusted. A server certificate that equals a trusted certificate byte for byte is therefore accepted: its validity period,
//! its name and the signatures of the handshake are still verified.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::error::Error;

/// The TLS settings of a client that also trusts the certificates of a PEM file.
///
/// # Errors
/// The file cannot be read, or has no usable certificate.
pub fn tls_config(file: &Path) -> Result<ClientConfig, Error> {
    let pem = std::fs::read(file).map_err(|source| Error::CertificateFile { file: file.to_owned(), source })?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|source| Error::Certificates { file: file.to_owned(), source })?;
    if certificates.is_empty() {
        return Err(Error::NoCertificates(file.to_owned()));
    }
    let provider = Arc::new(ring::default_provider());
    let unusable = |source| Error::UnusableCertificates { file: file.to_owned(), source };
    let verifier = Verifier { by_chain: verifier(&certificates, &provider).map_err(unusable)?, pinned: certificates };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(unusable)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn verifier(
    certificates: &[CertificateDer<'static>],
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone())?;
    }
    // A machine without root certificates still trusts those of the file.
    match rustls_platform_verifier::Verifier::new_with_extra_roots(certificates.to_vec(), provider.clone()) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(_) => {
            let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone());
            let verifier = builder.build().map_err(|error| rustls::Error::General(error.to_string()))?;
            Ok(verifier)
        }
    }
}

/// Whether a certificate was rejected because it is a certificate authority.
pub(crate) fn is_authority(error: &CertificateError) -> bool {
    // rustls has no variant for this error, and the text is that of the variant of webpki.
    matches!(error, CertificateError::Other(other) if other.0.to_string() == "CaUsedAsEndEntity")
}

#[derive(Debug)]
struct Verifier {
    by_chain: Arc<dyn ServerCertVerifier>,
    pinned: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.by_chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // webpki checks the validity period before it reports this error.
            Err(rustls::Error::InvalidCertificate(reason)) if is_authority(&reason) && self.pinned.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.by_chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by_chain.supported_verify_schemes()
    }
}
