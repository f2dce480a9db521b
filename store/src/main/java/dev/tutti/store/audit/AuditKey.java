package dev.tutti.store.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/// The key pair that signs a log, in two files: the private half for its owner only.
final class AuditKey {
  private static final String ALGORITHM = "Ed25519";

  private AuditKey() {}

  /// The pair that lies there, if both halves do.
  static Optional<KeyPair> read(AuditPaths paths) throws IOException {
    Optional<PublicKey> shown = readPublic(paths);
    if (shown.isEmpty() || !Files.isRegularFile(paths.key())) {
      return Optional.empty();
    }
    try {
      var secret = new PKCS8EncodedKeySpec(bytes(paths.key()));
      return Optional.of(
          new KeyPair(shown.get(), KeyFactory.getInstance(ALGORITHM).generatePrivate(secret)));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// The public half that lies there.
  static Optional<PublicKey> readPublic(AuditPaths paths) throws IOException {
    if (!Files.isRegularFile(paths.publicKey())) {
      return Optional.empty();
    }
    try {
      var shown = new X509EncodedKeySpec(bytes(paths.publicKey()));
      return Optional.of(KeyFactory.getInstance(ALGORITHM).generatePublic(shown));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /// Makes a pair and writes it down.
  static KeyPair make(AuditPaths paths) throws IOException {
    try {
      KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
      write(paths, paths.key(), pair.getPrivate().getEncoded());
      write(paths, paths.publicKey(), pair.getPublic().getEncoded());
      return pair;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  private static void write(AuditPaths paths, Path file, byte[] bytes) throws IOException {
    Path fresh = Files.createTempFile(paths.directory(), "key", ".new", paths.ownersOnly());
    Files.writeString(
        fresh, Base64.getEncoder().encodeToString(bytes) + "\n", StandardCharsets.US_ASCII);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] bytes(Path file) throws IOException {
    return Base64.getDecoder().decode(Files.readString(file, StandardCharsets.US_ASCII).strip());
  }
}
