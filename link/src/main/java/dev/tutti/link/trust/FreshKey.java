package dev.tutti.link.trust;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;

/// A new key on P-256, and the request for a certificate over it (PKCS #10, RFC 2986). The request
/// names nobody: who it is for is the authority's to say. Written by hand, since it is six fields
/// and an agent needs nothing else of a library for certificates.
public final class FreshKey {
  /// `ecdsa-with-SHA256` as an algorithm identifier.
  private static final byte[] ALGORITHM = HexFormat.of().parseHex("300a06082a8648ce3d040302");

  private static final byte[] VERSION_AND_NO_NAME = HexFormat.of().parseHex("0201003000");
  private static final byte[] NO_ATTRIBUTES = HexFormat.of().parseHex("a000");
  private static final int SEQUENCE = 0x30;
  private static final int BIT_STRING = 0x03;
  private static final int SHORT = 0x80;
  private static final int BYTE = 0x100;

  private FreshKey() {}

  /// A new key.
  public static KeyPair make() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException impossible) {
      throw Hashes.missing("P-256", impossible);
    }
  }

  /// The request for a certificate over a key, as DER.
  public static byte[] request(KeyPair key) {
    byte[] what = der(SEQUENCE, VERSION_AND_NO_NAME, key.getPublic().getEncoded(), NO_ATTRIBUTES);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key.getPrivate());
      signature.update(what);
      return der(SEQUENCE, what, ALGORITHM, der(BIT_STRING, new byte[1], signature.sign()));
    } catch (GeneralSecurityException impossible) {
      throw Hashes.missing("ECDSA", impossible);
    }
  }

  /// One field: its tag, its length, its content. Nothing here is longer than 65,535 bytes.
  private static byte[] der(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    int length = content.size();
    var field = new ByteArrayOutputStream();
    field.write(tag);
    if (length < SHORT) {
      field.write(length);
    } else if (length < BYTE) {
      field.write(SHORT | 1);
      field.write(length);
    } else {
      field.write(SHORT | 2);
      field.write(length / BYTE);
      field.write(length % BYTE);
    }
    field.writeBytes(content.toByteArray());
    return field.toByteArray();
  }
}
