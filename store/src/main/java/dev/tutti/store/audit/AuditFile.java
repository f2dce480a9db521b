package dev.tutti.store.audit;

import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.access.audit.AuditHead;
import dev.tutti.access.audit.AuditLog;
import dev.tutti.core.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the audit log on a thread of its own, so that nobody waits for the disk.
///
/// What the disk refuses is kept and tried again; what there is no room for is counted and written
/// down as lost once the disk takes records again. Either is told at once: a log that fails in
/// silence is none.
public final class AuditFile implements AuditLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);

  private final Path home;
  private final Time time;
  private final AuditFileLimits limits;
  private final Thread thread;
  private final ArrayBlockingQueue<Waiting> inbox;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicLong lost = new AtomicLong();
  private volatile Consumer<String> listener = _ -> {};
  private volatile long records;
  private volatile Optional<AuditHead> head = Optional.empty();
  private volatile String trouble = "";
  private volatile boolean closed;

  /// The log's own state; its thread only.
  private @Nullable AuditPen pen;

  private String finding = "";
  private long lostWritten;
  private long signedNanos;

  private record Waiting(Instant at, AuditEntry entry) {}

  private static final Waiting END = new Waiting(Instant.EPOCH, mended("end", ""));

  private AuditFile(Path home, Time time, AuditFileLimits limits) {
    this.home = home;
    this.time = time;
    this.limits = limits;
    this.inbox = new ArrayBlockingQueue<>(limits.waiting());
    this.signedNanos = time.nanos();
    this.thread = Thread.ofPlatform().daemon().name("tutti-audit").unstarted(this::run);
  }

  /// Opens the log of that home, or begins one. Returns at once: the files are looked at on the
  /// log's own thread.
  public static AuditFile open(Path home, Time time, AuditFileLimits limits) {
    var file = new AuditFile(home, time, limits);
    file.thread.start();
    return file;
  }

  /// Who is told of trouble, and by an empty text that it is over. Called on any thread: must not
  /// block. Trouble that is there already is told now.
  public void listener(Consumer<String> listener) {
    this.listener = listener;
    if (!trouble.isEmpty()) {
      listener.accept(trouble);
    }
  }

  @Override
  public void record(AuditEntry entry) {
    if (closed || !inbox.offer(new Waiting(time.now(), entry))) {
      long all = lost.incrementAndGet();
      if (all == 1) {
        LOG.error("The audit log loses records. waiting={}", limits.waiting());
      }
      if (trouble.isEmpty()) {
        troubled("records are lost: more than " + limits.waiting() + " wait to be written");
      }
    }
  }

  @Override
  public String trouble() {
    return trouble;
  }

  @Override
  public Optional<AuditHead> head() {
    return head;
  }

  /// How it is doing. Any thread.
  public AuditHealth health() {
    return new AuditHealth(records, lost.get(), trouble);
  }

  /// Writes what is there, signs it, and ends.
  @Override
  public void close() {
    closed = true;
    closing.countDown();
    // Wakes the thread; where there is no room for it, the thread is awake.
    var _ = inbox.offer(END);
    try {
      if (!thread.join(limits.closeWait())) {
        LOG.error("The audit log could not be closed in time. waiting={}", inbox.size());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- its own thread

  private void run() {
    var bunch = new ArrayList<Waiting>();
    boolean written = write(bunch);
    while (!closed || !inbox.isEmpty()) {
      if (bunch.isEmpty()) {
        take(bunch, written ? untilSigning() : limits.retryAfter());
      } else {
        pause(limits.retryAfter());
      }
      written = write(bunch);
      if (written) {
        bunch.clear();
      } else if (closed) {
        break;
      }
    }
    if (!written) {
      LOG.error("The audit log ends with records unwritten. count={}", bunch.size());
    }
    AuditPen open = pen;
    if (open != null) {
      sign(open);
      open.close();
    }
  }

  /// Waits for entries, and no longer than `patience`.
  private void take(List<Waiting> bunch, Duration patience) {
    try {
      Waiting first = closed ? inbox.poll() : inbox.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (first != null) {
        bunch.add(first);
        inbox.drainTo(bunch, AuditFileLimits.BUNCH - 1);
        bunch.removeIf(waiting -> waiting.equals(END));
      }
    } catch (InterruptedException _) {
      // Nobody interrupts this thread: it would lose the files that it writes.
      Thread.currentThread().interrupt();
    }
  }

  private void pause(Duration duration) {
    try {
      boolean _ = closing.await(duration.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration untilSigning() {
    long passed = time.nanos() - signedNanos;
    return Duration.ofNanos(Math.max(1, limits.signEvery().toNanos() - passed));
  }

  /// @return whether all of it is on the disk
  private boolean write(List<Waiting> bunch) {
    try {
      AuditPen open = opened();
      if (bunch.isEmpty() && lost.get() == lostWritten) {
        signIfDue(open);
        troubled(finding);
        return true;
      }
      for (Waiting waiting : bunch) {
        open.add(waiting.at(), waiting.entry());
      }
      long missing = lost.get();
      if (missing > lostWritten) {
        open.add(time.now(), mended("lost", Long.toString(missing - lostWritten)));
      }
      open.flush();
      lostWritten = missing;
      records = open.records();
      signIfDue(open);
      troubled(finding);
      if (open.bytes() > limits.bytes()) {
        turnOver(open);
      }
      return true;
    } catch (IOException | RuntimeException e) {
      AuditPen open = pen;
      if (open != null) {
        open.takeBack();
      }
      troubled("the audit log cannot be written: " + e.getMessage());
      return false;
    }
  }

  private AuditPen opened() throws IOException {
    AuditPen known = pen;
    if (known != null) {
      return known;
    }
    AuditPen.Opened opened = AuditPen.open(AuditPaths.in(home));
    pen = opened.pen();
    records = opened.pen().records();
    head = opened.pen().lastHead();
    finding = opened.finding();
    if (!opened.finding().isEmpty()) {
      LOG.error("The audit log was not what was written. finding={}", opened.finding());
      troubled(opened.finding());
    }
    if (!opened.note().isEmpty()) {
      opened.pen().add(time.now(), mended("found", opened.note()));
      opened.pen().flush();
    }
    return opened.pen();
  }

  /// A log that has grown too large is set aside, signed, and another begins that names it.
  private void turnOver(AuditPen full) throws IOException {
    sign(full);
    String end = full.records() + " " + full.hash();
    full.close();
    pen = null;
    Path aside = AuditPaths.in(home).moveAside();
    AuditPen fresh = opened();
    fresh.add(time.now(), mended("follows", aside.getFileName() + " " + end));
    fresh.flush();
  }

  private static AuditEntry mended(String what, String value) {
    return AuditEntry.done(Actor.HUB, AuditAction.LOG_MENDED, "").with(what, value);
  }

  private void signIfDue(AuditPen open) {
    if (time.nanos() - signedNanos >= limits.signEvery().toNanos()) {
      sign(open);
    }
  }

  private void sign(AuditPen open) {
    signedNanos = time.nanos();
    try {
      head = open.sign(time.now());
    } catch (IOException e) {
      troubled("the audit log cannot be signed: " + e.getMessage());
    }
  }

  private void troubled(String now) {
    if (!now.equals(trouble)) {
      trouble = now;
      if (now.isEmpty()) {
        LOG.info("The audit log is written again.");
      } else {
        LOG.error("The audit log is in trouble. cause={}", now);
      }
      listener.accept(now);
    }
  }
}
