package dev.tutti.link.authority;

import dev.tutti.core.MeshException;
import dev.tutti.link.trust.MeshId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;

/// Writes certificates (RFC 5280) and reads requests for them (RFC 2986). Signing is the JDK's; the
/// library only knows the forms.
final class Issuer {
  /// A request over a P-256 key has about 200 bytes.
  static final int MAX_REQUEST_BYTES = 1_024;

  private static final String SIGNATURE = "SHA256withECDSA";
  private static final String SIGNATURE_OID = "1.2.840.10045.4.3.2";

  /// A key on P-256 as `SubjectPublicKeyInfo` (RFC 5480) always has this length.
  private static final int KEY_BYTES = 91;

  private static final int SERIAL_BITS = 127;

  private final RandomGenerator random;

  Issuer(RandomGenerator random) {
    this.random = random;
  }

  /// From when to when.
  record Times(Instant from, Instant until) {
    static Times of(Instant now, Duration backdated, Duration lifetime) {
      return new Times(now.minus(backdated), now.plus(lifetime));
    }

    Times within(X509Certificate above) {
      Instant end = above.getNotAfter().toInstant();
      return until.isAfter(end) ? new Times(from, end) : this;
    }
  }

  /// Who signs.
  record Signer(X500Name name, PrivateKey key) {
    static Signer of(X509Certificate certificate, PrivateKey key) {
      return new Signer(
          X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()), key);
    }
  }

  X509Certificate root(String mesh, PublicKey key, PrivateKey itself, Times times) {
    X500Name name = name("Tutti " + mesh + " root " + serial().toString(36).substring(0, 6));
    return authority(new Signer(name, itself), name, key, 1, times);
  }

  X509Certificate intermediate(String mesh, PublicKey key, Signer root, Times times) {
    return authority(
        root,
        name("Tutti " + mesh + " intermediate " + serial().toString(36).substring(0, 6)),
        key,
        0,
        times);
  }

  private X509Certificate authority(
      Signer signer, X500Name name, PublicKey key, int depth, Times times) {
    var builder = builder(signer, name, key.getEncoded(), times);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(depth));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return signed(builder, signer);
    } catch (CertIOException impossible) {
      throw new IllegalStateException("certificate: not written (expected: written)", impossible);
    }
  }

  /// An authority below a root, good for certain names and networks only.
  ///
  /// @param names with everything below them
  /// @param networks such as `10.0.0.0/8`
  X509Certificate bounded(
      String mesh,
      PublicKey key,
      Signer root,
      Times times,
      Collection<String> names,
      Collection<String> networks) {
    var builder = builder(root, name("Tutti " + mesh), key.getEncoded(), times);
    var permitted = new ArrayList<GeneralSubtree>();
    names.forEach(
        name -> permitted.add(new GeneralSubtree(new GeneralName(GeneralName.dNSName, name))));
    networks.forEach(network ->
        permitted.add(new GeneralSubtree(new GeneralName(GeneralName.iPAddress, network))));
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      builder.addExtension(
          Extension.nameConstraints,
          true,
          new NameConstraints(permitted.toArray(GeneralSubtree[]::new), null));
      return signed(builder, root);
    } catch (CertIOException impossible) {
      throw new IllegalStateException("certificate: not written (expected: written)", impossible);
    }
  }

  /// A leaf for a server that is reached under names and addresses.
  X509Certificate server(
      PublicKey key,
      Signer signer,
      Times times,
      Collection<String> names,
      Collection<String> addresses) {
    var reached = new ArrayList<GeneralName>();
    names.stream().sorted().forEach(n -> reached.add(new GeneralName(GeneralName.dNSName, n)));
    addresses.stream()
        .sorted()
        .forEach(each -> reached.add(new GeneralName(GeneralName.iPAddress, each)));
    var builder = builder(signer, name("Tutti hub"), key.getEncoded(), times);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(reached.toArray(GeneralName[]::new)));
      return signed(builder, signer);
    } catch (CertIOException impossible) {
      throw new IllegalStateException("certificate: not written (expected: written)", impossible);
    }
  }

  /// The names and addresses that a certificate is for.
  static ClientAuthority.Reached namesOf(X509Certificate certificate) {
    var names = new TreeSet<String>();
    var addresses = new TreeSet<String>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      for (List<?> each : all == null ? List.<List<?>>of() : all) {
        int kind = (Integer) each.get(0);
        if (kind == GeneralName.dNSName) {
          names.add(each.get(1).toString());
        } else if (kind == GeneralName.iPAddress) {
          addresses.add(each.get(1).toString());
        }
      }
    } catch (CertificateParsingException _) {
      // As if it had none.
    }
    return new ClientAuthority.Reached(names, addresses);
  }

  /// A leaf for a hub or a node.
  ///
  /// @param key as `SubjectPublicKeyInfo`
  X509Certificate leaf(MeshId id, byte[] key, Signer signer, Times times) {
    var purpose =
        switch (id) {
          case MeshId.Hub _ -> KeyPurposeId.id_kp_serverAuth;
          case MeshId.Node _ -> KeyPurposeId.id_kp_clientAuth;
        };
    String uri = id.uri();
    var builder = builder(signer, name(uri.substring(uri.lastIndexOf('/') + 1)), key, times);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          GeneralNames.getInstance(
              new DERSequence(new GeneralName(GeneralName.uniformResourceIdentifier, uri))));
      return signed(builder, signer);
    } catch (CertIOException impossible) {
      throw new IllegalStateException("certificate: not written (expected: written)", impossible);
    }
  }

  private X509v3CertificateBuilder builder(Signer signer, X500Name name, byte[] key, Times times) {
    return new X509v3CertificateBuilder(
        signer.name(),
        serial(),
        Date.from(times.from()),
        Date.from(times.until()),
        name,
        SubjectPublicKeyInfo.getInstance(key));
  }

  private static X500Name name(String text) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, text).build();
  }

  private BigInteger serial() {
    var bytes = new byte[SERIAL_BITS / 8 + 1];
    random.nextBytes(bytes);
    return new BigInteger(1, bytes).clearBit(SERIAL_BITS).setBit(SERIAL_BITS - 1);
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, Signer signer) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer.key())));
    } catch (OperatorCreationException | CertificateException impossible) {
      throw new IllegalStateException("certificate: not signed (expected: signed)", impossible);
    }
  }

  /// The key that a request is for, as `SubjectPublicKeyInfo`. The asker has it: the request is
  /// signed with it. Nothing else in a request counts.
  ///
  /// @throws MeshException when it is no such request
  static byte[] requestedKey(byte[] request) {
    if (request.length > MAX_REQUEST_BYTES) {
      throw MeshException.invalid(
          "csr: " + request.length + " bytes (expected: <= " + MAX_REQUEST_BYTES + ")");
    }
    try {
      var asked = new PKCS10CertificationRequest(request);
      byte[] key = asked.getSubjectPublicKeyInfo().getEncoded();
      boolean ours =
          key.length == KEY_BYTES
              && asked.getSignatureAlgorithm().getAlgorithm().getId().equals(SIGNATURE_OID);
      if (ours
          && asked.isSignatureValid(
              new JcaContentVerifierProviderBuilder().build(asked.getSubjectPublicKeyInfo()))) {
        return key;
      }
    } catch (IOException | PKCSException | OperatorCreationException | RuntimeException _) {
      // Said below. The library throws whatever comes when bytes are not what they should be.
    }
    throw MeshException.invalid(
        "csr: not a request for a certificate (expected: PKCS #10, ECDSA on P-256, signed)");
  }
}
