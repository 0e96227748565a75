// The X.509 shell that TLS wants around a public key, written as DER by hand.
package dev.p2pkit.overlay.transport;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/**
 * A self-signed X.509 certificate (RFC 5280) over an Ed25519 key. Nothing in it but the key
 * matters: whoever is at the other end looks at the key alone, so it holds for ever.
 */
final class SelfSignedCertificate {
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int UTF8 = 0x0C;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int VERSION_TAG = 0xA0;
  private static final byte[] OID_ED25519 = HexFormat.of().parseHex("06032b6570");
  private static final byte[] OID_COMMON_NAME = HexFormat.of().parseHex("0603550403");

  private SelfSignedCertificate() {}

  static X509Certificate of(Identity identity) {
    byte[] serial = new byte[9];
    new SecureRandom().nextBytes(serial);
    serial[0] = 1; // positive and without leading zeros, whatever follows
    byte[] algorithm = der(SEQUENCE, OID_ED25519);
    byte[] name =
        der(
            SEQUENCE,
            der(SET, der(SEQUENCE, OID_COMMON_NAME, der(UTF8, ascii(identity.id().toString())))));
    byte[] validity =
        der(
            SEQUENCE,
            der(UTC_TIME, ascii("200101000000Z")),
            der(GENERALIZED_TIME, ascii("99991231235959Z")));
    byte[] body =
        der(
            SEQUENCE,
            der(VERSION_TAG, der(INTEGER, new byte[] {2})),
            der(INTEGER, serial),
            algorithm,
            name,
            validity,
            name,
            identity.publicKey().getEncoded());
    byte[] certificate =
        der(SEQUENCE, body, algorithm, der(BIT_STRING, new byte[1], identity.sign(body)));
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK does not read our certificate", e);
    }
  }

  /** A tag, the length of the parts, the parts. */
  private static byte[] der(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
