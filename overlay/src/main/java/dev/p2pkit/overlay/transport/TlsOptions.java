// TLS 1.3 with nothing but the two public keys.
package dev.p2pkit.overlay.transport;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3, both sides with a certificate around an Ed25519 key. Here any such key is let through:
 * TLS proves who is there, the greeting decides whether it may be.
 */
final class TlsOptions {
  private static final Set<String> VERSIONS = Set.of("TLSv1.3");

  private final KeyCertOptions key;
  private final TrustOptions trust = TrustOptions.wrap(new AnyEd25519());

  TlsOptions(Identity identity) {
    key = KeyCertOptions.wrap(new OneKey(identity, SelfSignedCertificate.of(identity)));
  }

  void apply(NetServerOptions options, long handshakeMillis, LinkEngines.Turns turns) {
    options
        .setSsl(true)
        .setSslEngineOptions(new LinkEngines(turns))
        .setClientAuth(ClientAuth.REQUIRED)
        .setKeyCertOptions(key)
        .setTrustOptions(trust)
        .setEnabledSecureTransportProtocols(VERSIONS)
        .setSslHandshakeTimeout(handshakeMillis)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  void apply(NetClientOptions options, long handshakeMillis) {
    options
        .setSsl(true)
        .setSslEngineOptions(new LinkEngines())
        .setHostnameVerificationAlgorithm("")
        .setKeyCertOptions(key)
        .setTrustOptions(trust)
        .setEnabledSecureTransportProtocols(VERSIONS)
        .setSslHandshakeTimeout(handshakeMillis)
        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
  }

  /** The raw public key that the other side of an encrypted socket has proved. */
  static Optional<byte[]> provedKey(NetSocket socket) {
    if (!socket.isSsl()) {
      return Optional.empty();
    }
    try {
      return Ed25519.raw(socket.sslSession().getPeerCertificates()[0].getPublicKey());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private static final class AnyEd25519 extends X509ExtendedTrustManager {
    private static void check(X509Certificate[] chain) throws CertificateException {
      if (chain.length == 0 || Ed25519.raw(chain[0].getPublicKey()).isEmpty()) {
        throw new CertificateException("a certificate over an Ed25519 key was expected");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static final class OneKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "identity";

    private final Identity identity;
    private final X509Certificate certificate;

    OneKey(Identity identity, X509Certificate certificate) {
      this.identity = identity;
      this.certificate = certificate;
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return ALIAS;
    }

    @Override
    public String chooseEngineClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return ALIAS;
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
      return new String[] {ALIAS};
    }

    @Override
    public String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return ALIAS;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return type.equals("EdDSA") || type.equals("Ed25519") ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return new X509Certificate[] {certificate};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return identity.privateKey();
    }
  }
}
