package dev.tutti.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/// A certificate for localhost that vouches for itself, and its key, made on the spot by the JDK's
/// own `keytool`.
///
/// @param certificate a PEM file
/// @param key a PEM file, PKCS 8, not encrypted
public record SelfSigned(Path certificate, Path key) {
  private static final String PASSWORD = "for-a-moment";
  private static final String ALIAS = "hub";
  private static final int WITHIN_SECONDS = 30;

  /// Makes both files in that directory.
  public static SelfSigned in(Path directory) {
    Path store = directory.resolve("hub.p12");
    make(store);
    try (InputStream in = Files.newInputStream(store)) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(in, PASSWORD.toCharArray());
      Certificate certificate = keys.getCertificate(ALIAS);
      Key key = keys.getKey(ALIAS, PASSWORD.toCharArray());
      return new SelfSigned(
          pem(directory.resolve("hub.pem"), "CERTIFICATE", certificate.getEncoded()),
          pem(directory.resolve("hub.key"), "PRIVATE KEY", key.getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("keytool's own store (expected: readable)", e);
    }
  }

  private static void make(Path store) {
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    try {
      Process process =
          new ProcessBuilder(
                  keytool.toString(),
                  "-genkeypair",
                  "-keyalg",
                  "EC",
                  "-groupname",
                  "secp256r1",
                  "-alias",
                  ALIAS,
                  "-dname",
                  "CN=tutti test",
                  "-ext",
                  "san=dns:localhost,ip:127.0.0.1",
                  "-validity",
                  "2",
                  "-storetype",
                  "PKCS12",
                  "-keystore",
                  store.toString(),
                  "-storepass",
                  PASSWORD)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroy();
        throw new IllegalStateException("keytool failed (expected: a key pair)");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    String text = "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    return Files.write(file, text.getBytes(StandardCharsets.US_ASCII));
  }
}
