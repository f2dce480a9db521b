package dev.tutti.backends;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Names this machine, so that two processes find out whether they share its loopback.
public final class MachineKey {
  private static final int KEPT_CHARS = 32;

  private MachineKey() {}

  /// 32 hexadecimal digits, equal for processes of one machine and one network namespace, and for
  /// no others. On Linux it holds until the next start of the machine. Reads files: not on an event
  /// loop.
  ///
  /// The number of this boot is taken where there is one: a machine-id is the same on cloned disks
  /// and differs in containers that share the host's network. Nothing of it can be read back from
  /// the key.
  public static String read() {
    return read(Path.of("/"));
  }

  static String read(Path root) {
    String machine = text(root.resolve("proc/sys/kernel/random/boot_id"));
    if (machine.isEmpty()) {
      machine = text(root.resolve("etc/machine-id")) + " " + hostName();
    }
    return digest(machine + "\n" + link(root.resolve("proc/self/ns/net")));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException _) {
      return "";
    }
  }

  private static String link(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException | UnsupportedOperationException _) {
      return "";
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "";
    }
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, KEPT_CHARS);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256: missing (expected: in every JDK)", impossible);
    }
  }
}
