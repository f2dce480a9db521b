package dev.tutti.app;

import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.access.audit.AuditLog;
import dev.tutti.dialects.Likeness;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.Task;
import dev.tutti.dispatch.TaskRecord;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Writes into the audit log who asked which model and which machine answered, where the owner
/// wants that. Of prompts it tells a salted hash, from which nobody learns anything but that two
/// were the same; their texts only where the owner wants those. Owner loop, but for the hashing.
final class Witness {
  /// The file in the home with the salt.
  static final String SALT_FILE = "audit-salt";

  private static final String HMAC = "HmacSHA256";

  private final AuditLog log;
  private final byte[] salt;
  private final Executor offLoop;
  private Tells tells = Tells.NOTHING;

  /// What is told of requests.
  enum Tells {
    /// They are not in the log.
    NOTHING,
    /// Who, what model, where, how it ended, and a hash of the prompt.
    HASHES,
    /// The prompt as well, cut where it is long.
    TEXTS;

    /// What a setting says.
    static Optional<Tells> of(String name) {
      return Arrays.stream(values())
          .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
          .findFirst();
    }
  }

  /// @param salt secret; another makes other hashes of the same prompts
  /// @param offLoop where prompts are hashed
  Witness(AuditLog log, String salt, Executor offLoop) {
    this.log = log;
    this.salt = salt.getBytes(StandardCharsets.UTF_8);
    this.offLoop = offLoop;
  }

  /// From now on so much is told.
  void tell(Tells wanted) {
    tells = wanted;
  }

  /// A task has ended, however.
  void ended(Task<?> asked, TaskRecord task) {
    Tells wanted = tells;
    if (wanted != Tells.NOTHING && asked.work() instanceof Work work) {
      AuditEntry entry = entry(task);
      offLoop.execute(() -> log.record(withPrompt(entry, work, wanted)));
    }
  }

  private static AuditEntry entry(TaskRecord task) {
    AuditEntry.Outcome outcome =
        switch (task.outcome()) {
          case DONE -> AuditEntry.Outcome.DONE;
          case REFUSED -> AuditEntry.Outcome.REFUSED;
          case FAILED, CANCELLED -> AuditEntry.Outcome.FAILED;
        };
    AuditEntry entry =
        AuditEntry.done(
                Actor.client(task.principal(), ""),
                AuditAction.REQUEST_ENDED,
                "model:" + task.last().map(Assignment::model).orElse(task.asked()).value())
            .ended(outcome)
            .with("task", task.id().value())
            .with("type", task.type().wireName())
            .with("tokens_in", Integer.toString(task.usage().promptTokens()))
            .with("tokens_out", Integer.toString(task.usage().outputTokens()));
    return task.last().map(last -> entry.with("backend", last.backend().value())).orElse(entry);
  }

  private AuditEntry withPrompt(AuditEntry entry, Work work, Tells wanted) {
    String likeness = Likeness.of(work);
    AuditEntry hashed = likeness.isEmpty() ? entry : entry.with("prompt_hash", hash(likeness));
    return wanted == Tells.TEXTS ? hashed.with("prompt", Likeness.text(work)) : hashed;
  }

  private String hash(String likeness) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(salt, HMAC));
      return HexFormat.of().formatHex(mac.doFinal(likeness.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every Java has " + HMAC, impossible);
    }
  }
}
