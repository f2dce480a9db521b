package dev.tutti.store.audit;

import dev.tutti.access.audit.AuditChain;
import dev.tutti.access.audit.AuditCheck;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.access.audit.AuditHead;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of one log, and the way to write on. Nothing is on the disk before {@link #flush} has
/// returned. One thread.
final class AuditPen {
  private static final Logger LOG = LoggerFactory.getLogger(AuditPen.class);

  private final FileChannel log;
  private final FileChannel heads;
  private final FileChannel lock;
  private final KeyPair key;
  private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
  private Optional<AuditHead> lastHead;
  private long bytes;
  private long records;
  private byte[] hash;
  private long nextRecords;
  private byte[] nextHash;

  private AuditPen(
      FileChannel log,
      FileChannel heads,
      FileChannel lock,
      KeyPair key,
      AuditCheck check,
      Optional<AuditHead> lastHead)
      throws IOException {
    this.log = log;
    this.heads = heads;
    this.lock = lock;
    this.key = key;
    this.lastHead = lastHead;
    this.bytes = log.size();
    this.records = check.records();
    this.hash = HexFormat.of().parseHex(check.lastHash());
    this.nextRecords = records;
    this.nextHash = hash;
  }

  /// A log that is ready.
  ///
  /// @param note what the log itself should say about its state; empty for nothing
  /// @param finding what its owner must know; empty for nothing
  record Opened(AuditPen pen, String note, String finding) {}

  /// Opens the log there, or begins one. One that is not what was written is set aside and another
  /// begins, so that what was found stays to be looked at; a last line that a crash cut off is
  /// removed, since nobody was told that it is there.
  static Opened open(AuditPaths paths) throws IOException {
    Files.createDirectories(paths.home());
    FileChannel lock = locked(paths);
    try {
      return open(paths, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static Opened open(AuditPaths paths, FileChannel lock) throws IOException {
    boolean old = Files.exists(paths.log()) || Files.exists(paths.heads());
    if (!old) {
      return new Opened(begin(paths, lock), "", "");
    }
    Optional<KeyPair> key = AuditKey.read(paths);
    if (key.isEmpty()) {
      return replaced(paths, lock, "the key of the log is gone");
    }
    long cut = cutTail(paths);
    AuditCheck check = AuditReader.check(paths, key.get().getPublic(), Optional.empty());
    return switch (check.end()) {
      case AuditCheck.Verdict.Whole _ ->
          new Opened(
              with(paths, lock, key.get(), check),
              cut == 0 ? "" : "a record that was cut off: " + cut + " bytes",
              "");
      case AuditCheck.Verdict.Broken(long _, String why) -> replaced(paths, lock, why);
    };
  }

  private static Opened replaced(AuditPaths paths, FileChannel lock, String why)
      throws IOException {
    Path aside = paths.moveAside();
    String found = aside.getFileName() + ": " + why;
    return new Opened(
        begin(paths, lock), found, "the audit log was tampered with and is set aside as " + found);
  }

  private static AuditPen begin(AuditPaths paths, FileChannel lock) throws IOException {
    paths.create();
    Optional<KeyPair> known = AuditKey.read(paths);
    KeyPair key = known.isPresent() ? known.get() : AuditKey.make(paths);
    return with(paths, lock, key, new AuditCheck(key.getPublic()));
  }

  private static AuditPen with(AuditPaths paths, FileChannel lock, KeyPair key, AuditCheck check)
      throws IOException {
    return new AuditPen(
        append(paths, paths.log()),
        append(paths, paths.heads()),
        lock,
        key,
        check,
        AuditReader.head(paths.directory()));
  }

  /// Two processes that write one log would break its chain.
  private static FileChannel locked(AuditPaths paths) throws IOException {
    FileChannel lock = append(paths, paths.lock());
    try {
      if (lock.tryLock() != null) {
        return lock;
      }
    } catch (OverlappingFileLockException _) {
      // Somebody else in this process has it.
    }
    lock.close();
    throw new IOException("another hub writes it");
  }

  private static FileChannel append(AuditPaths paths, Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), paths.ownersOnly());
  }

  /// @return how many bytes were no whole line
  private static long cutTail(AuditPaths paths) throws IOException {
    if (!Files.exists(paths.log())) {
      return 0;
    }
    try (FileChannel log =
        FileChannel.open(paths.log(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long end = log.size();
      var one = ByteBuffer.allocate(1);
      long kept = end;
      while (kept > 0) {
        one.clear();
        log.read(one, kept - 1);
        if (one.get(0) == '\n') {
          break;
        }
        kept--;
      }
      if (kept < end) {
        log.truncate(kept);
        log.force(true);
      }
      return end - kept;
    }
  }

  /// Adds a record, in memory.
  void add(Instant at, AuditEntry entry) {
    byte[] record = AuditChain.canonical(nextRecords + 1, at, entry);
    nextHash = AuditChain.hash(nextHash, record);
    nextRecords++;
    waiting.writeBytes(AuditChain.line(nextHash, record));
    waiting.write('\n');
  }

  /// Writes what was added, and returns when it is on the disk.
  void flush() throws IOException {
    long end = write(log, bytes, waiting.toByteArray());
    waiting.reset();
    bytes = end;
    records = nextRecords;
    hash = nextHash;
  }

  /// Forgets what could not be written.
  void takeBack() {
    waiting.reset();
    nextRecords = records;
    nextHash = hash;
  }

  /// Signs the end of the log, unless the last head says the same.
  Optional<AuditHead> sign(Instant at) throws IOException {
    boolean signed = lastHead.filter(last -> last.number() == records).isPresent();
    if (records > 0 && !signed) {
      AuditHead fresh = AuditHead.sign(records, hash, at, key.getPrivate());
      write(heads, heads.size(), (fresh.line() + "\n").getBytes(StandardCharsets.US_ASCII));
      lastHead = Optional.of(fresh);
    }
    return lastHead;
  }

  /// Writes at the end, or leaves the file as it was.
  private static long write(FileChannel file, long from, byte[] bytes) throws IOException {
    var rest = ByteBuffer.wrap(bytes);
    try {
      long at = from;
      while (rest.hasRemaining()) {
        at += file.write(rest, at);
      }
      file.force(false);
      return at;
    } catch (IOException refused) {
      try {
        file.truncate(from);
      } catch (IOException worse) {
        refused.addSuppressed(worse);
      }
      throw refused;
    }
  }

  Optional<AuditHead> lastHead() {
    return lastHead;
  }

  long records() {
    return records;
  }

  long bytes() {
    return bytes;
  }

  /// The last record's hash, in hexadecimal.
  String hash() {
    return HexFormat.of().formatHex(hash);
  }

  /// Everything that was flushed is on the disk already.
  void close() {
    for (FileChannel file : List.of(log, heads, lock)) {
      try {
        file.close();
      } catch (IOException e) {
        LOG.warn("A file of the audit log did not close cleanly. cause={}", e.getMessage());
      }
    }
  }
}
