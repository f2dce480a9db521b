package dev.tutti.link.trust;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/// A certificate with the two above it, checked: leaf, intermediate, root. The rules are those of
/// RFC 5280 narrowed to what our own authority makes; whatever differs is refused.
///
/// @param id who it is for
/// @param root the pin of the root
public record Chain(MeshId id, Instant notBefore, Instant notAfter, Pin root) {
  private static final int LENGTH = 3;

  /// `ecdsa-with-SHA256` (RFC 5758 §3.2): nothing else is signed with, so nothing else is believed.
  private static final String SIGNATURE = "1.2.840.10045.4.3.2";

  private static final int KEY_BITS = 256;
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int CERT_SIGN = 5;

  /// What a leaf is for (RFC 5280 §4.2.1.12).
  public enum Purpose {
    /// Shown by a hub.
    HUB("1.3.6.1.5.5.7.3.1"),
    /// Shown by a node.
    NODE("1.3.6.1.5.5.7.3.2");

    private final String oid;

    Purpose(String oid) {
      this.oid = oid;
    }

    private boolean fits(MeshId id) {
      return switch (id) {
        case MeshId.Hub _ -> this == HUB;
        case MeshId.Node _ -> this == NODE;
      };
    }
  }

  /// Checks what somebody shows, but not whether the leaf's time is over: that is for {@link
  /// Lifetimes}. The authorities must be valid now, or at the end of an expired leaf.
  ///
  /// @param pins which roots are believed
  /// @throws CertificateException what is wrong, in plain words
  public static Chain check(
      List<X509Certificate> shown, Purpose purpose, Predicate<Pin> pins, Instant now)
      throws CertificateException {
    if (shown.size() != LENGTH) {
      throw new CertificateException(
          "certificates: " + shown.size() + " (expected: " + LENGTH + ", up to the root)");
    }
    X509Certificate leaf = shown.get(0);
    X509Certificate intermediate = shown.get(1);
    X509Certificate root = shown.get(2);
    Pin pin = Pin.of(root);
    if (!pins.test(pin)) {
      throw new CertificateException(
          "authority: another one (expected: the one of this mesh, as the pin says)");
    }
    signed(root, root);
    signed(intermediate, root);
    signed(leaf, intermediate);
    authority(root, 1);
    authority(intermediate, 0);
    MeshId id = leaf(leaf, purpose);
    Instant notBefore = leaf.getNotBefore().toInstant();
    Instant notAfter = leaf.getNotAfter().toInstant();
    Instant at = now.isAfter(notAfter) ? notAfter : now.isBefore(notBefore) ? notBefore : now;
    valid(intermediate, at);
    valid(root, at);
    return new Chain(id, notBefore, notAfter, pin);
  }

  private static void signed(X509Certificate certificate, X509Certificate by)
      throws CertificateException {
    PublicKey key = by.getPublicKey();
    boolean ours =
        key instanceof ECPublicKey curve
            && curve.getParams().getOrder().bitLength() == KEY_BITS
            && certificate.getSigAlgOID().equals(SIGNATURE)
            && certificate.getIssuerX500Principal().equals(by.getSubjectX500Principal());
    if (!ours) {
      throw new CertificateException("certificate: of another kind (expected: ECDSA on P-256)");
    }
    try {
      certificate.verify(key);
    } catch (GeneralSecurityException wrong) {
      throw new CertificateException("certificate: not signed by the one above it", wrong);
    }
  }

  private static void authority(X509Certificate certificate, int deepest)
      throws CertificateException {
    boolean[] usage = certificate.getKeyUsage();
    int depth = certificate.getBasicConstraints();
    if (depth != deepest
        || usage == null
        || !usage[CERT_SIGN]
        || certificate.hasUnsupportedCriticalExtension()) {
      throw new CertificateException("certificate: used as an authority (expected: made for it)");
    }
  }

  private static MeshId leaf(X509Certificate leaf, Purpose purpose) throws CertificateException {
    boolean[] usage = leaf.getKeyUsage();
    MeshId id = MeshId.of(leaf).orElse(null);
    if (id == null
        || !purpose.fits(id)
        || leaf.getBasicConstraints() != -1
        || usage == null
        || !usage[DIGITAL_SIGNATURE]
        || leaf.hasUnsupportedCriticalExtension()
        || !purposes(leaf).equals(List.of(purpose.oid))) {
      throw new CertificateException(
          "certificate: for something else (expected: one of a " + word(purpose) + ")");
    }
    return id;
  }

  private static List<String> purposes(X509Certificate leaf) throws CertificateParsingException {
    List<String> said = leaf.getExtendedKeyUsage();
    return said == null ? List.of() : said;
  }

  private static String word(Purpose purpose) {
    return switch (purpose) {
      case HUB -> "hub";
      case NODE -> "node";
    };
  }

  private static void valid(X509Certificate authority, Instant at) throws CertificateException {
    if (at.isBefore(authority.getNotBefore().toInstant())
        || at.isAfter(authority.getNotAfter().toInstant())) {
      throw new CertificateException(
          "authority: valid "
              + authority.getNotBefore().toInstant()
              + " to "
              + authority.getNotAfter().toInstant()
              + " (expected: at "
              + at
              + "; is the clock right?)");
    }
  }
}
