package dev.tutti.store.audit;

import dev.tutti.access.audit.AuditCheck;
import dev.tutti.access.audit.AuditHead;
import dev.tutti.access.audit.AuditLimits;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads and checks the audit log of a home; needs no hub, and changes nothing. Blocks.
public final class AuditReader {
  private AuditReader() {}

  /// One log of a home.
  ///
  /// @param directory where it lies
  /// @param current whether it is the one that a hub writes, not one that was set aside
  public record Log(Path directory, boolean current) {}

  /// The logs of that home, those that were set aside first; none before a hub ran there.
  public static List<Log> logs(Path home) {
    var logs = new ArrayList<Log>();
    AuditPaths.setAside(home).forEach(paths -> logs.add(new Log(paths.directory(), false)));
    AuditPaths current = AuditPaths.in(home);
    if (Files.isDirectory(current.directory())) {
      logs.add(new Log(current.directory(), true));
    }
    return logs;
  }

  /// Goes through a log and its heads.
  ///
  /// @param kept a head that was kept elsewhere
  /// @throws IOException when a file cannot be read
  public static AuditCheck.Verdict verify(Path directory, Optional<AuditHead> kept)
      throws IOException {
    var paths = new AuditPaths(directory);
    Optional<PublicKey> key = AuditKey.readPublic(paths);
    if (key.isEmpty()) {
      return new AuditCheck.Verdict.Broken(0, "the public half of the log's key is missing or bad");
    }
    // A hub that writes just now may have written half a line, or signed what was read before.
    long before = size(paths);
    AuditCheck.Verdict verdict = check(paths, key.get(), kept).end();
    boolean again = verdict instanceof AuditCheck.Verdict.Broken && size(paths) != before;
    return again ? check(paths, key.get(), kept).end() : verdict;
  }

  private static long size(AuditPaths paths) throws IOException {
    return Files.exists(paths.log()) ? Files.size(paths.log()) : 0;
  }

  static AuditCheck check(AuditPaths paths, PublicKey key, Optional<AuditHead> kept)
      throws IOException {
    var check = new AuditCheck(key);
    lines(paths.heads(), head -> check.head(new String(head, StandardCharsets.ISO_8859_1)));
    kept.ifPresent(check::keptElsewhere);
    if (!lines(paths.log(), check::line)) {
      check.cutOff();
    }
    return check;
  }

  /// Every record as the JSON object it is, checked or not, in order.
  public static void records(Path directory, Consumer<String> reader) throws IOException {
    lines(
        new AuditPaths(directory).log(),
        line -> {
          if (AuditCheck.number(line).isPresent()) {
            reader.accept(new String(AuditCheck.record(line), StandardCharsets.UTF_8));
          }
        });
  }

  /// The last signed head of a log.
  public static Optional<AuditHead> head(Path directory) throws IOException {
    var last = new ArrayList<String>();
    lines(
        new AuditPaths(directory).heads(),
        line -> {
          last.clear();
          last.add(new String(line, StandardCharsets.ISO_8859_1));
        });
    return last.isEmpty() ? Optional.empty() : AuditHead.parse(last.getFirst());
  }

  /// Gives every line of a file; a line beyond the limit is cut there, which no check accepts.
  ///
  /// @return whether the last line has an end
  static boolean lines(Path file, Consumer<byte[]> reader) throws IOException {
    if (!Files.exists(file)) {
      return true;
    }
    var line = new ByteArrayOutputStream();
    boolean ended = true;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      for (int next = in.read(); next >= 0; next = in.read()) {
        ended = next == '\n';
        if (ended) {
          reader.accept(line.toByteArray());
          line.reset();
        } else if (line.size() < AuditLimits.MAX_LINE_BYTES) {
          line.write(next);
        }
      }
    }
    return ended;
  }
}
