package dev.tutti.store;

import dev.tutti.access.Globs;
import dev.tutti.access.Key;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Quota;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Sha256;
import dev.tutti.access.Tier;
import dev.tutti.core.BackendId;
import dev.tutti.core.Bytes;
import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.NodeRole;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// Rows for tests, and waiting for futures with a deadline.
final class Samples {
  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  static final Duration SOON = Duration.ofSeconds(30);

  private Samples() {}

  static SavedNode node(String id) {
    return labelled(id, "");
  }

  static SavedNode labelled(String id, String label) {
    return new SavedNode(
        new NodeId(id),
        NodeRole.LLM_WORKER,
        "10.0.0.7",
        "uuid of " + id,
        "machine of " + id,
        Optional.of(NOON),
        Optional.of(NOON.plusSeconds(1)),
        false,
        false,
        label);
  }

  static Key key(String id) {
    return key(id, Sha256.hex("secret of " + id));
  }

  static Key key(String id, String sha256) {
    return new Key(
        id,
        "name of " + id,
        sha256,
        new Rights(
            Set.of(Scope.INFER, Scope.NODES),
            new Globs(List.of("llama*", "qwen3")),
            Tier.TRUSTED,
            new Quota(10, 2_000, 3, 0),
            7,
            true,
            2.5),
        PeerAddress.of("192.168.1.7"),
        NOON,
        Optional.of(NOON.plusSeconds(60)),
        Optional.empty(),
        Optional.empty());
  }

  static SavedBackend backend(String id) {
    return SavedBackend.added(
        new BackendId(id),
        new NodeId("bob"),
        "http://127.0.0.1:11434",
        OptionalInt.empty(),
        SavedBackend.AddedBy.OWNER);
  }

  static BackendFacts facts(String... models) {
    return new BackendFacts(
        BackendKind.OLLAMA, "0.17.1", 2, Arrays.stream(models).map(Samples::model).toList(), false);
  }

  private static ModelFacts model(String name) {
    return new ModelFacts(
        new ModelName(name),
        ModelType.CODE,
        new Bytes(4_000_000_000L),
        "sha256:abc",
        32_768,
        ModelFacts.Loaded.NOT,
        List.of("completion", "tools"),
        Map.of("family", "qwen3", "format", "gguf"),
        "2026-01-01T00:00:00Z");
  }

  static UsageRow done(String task, String model, String node, String principal, Instant at) {
    return new UsageRow(
        new TaskId(task),
        at,
        principal,
        "openai",
        "chat",
        new ModelName(model),
        Optional.of(new ModelName(model)),
        Optional.of(new NodeId(node)),
        Optional.of(new BackendId(node + "/ollama")),
        100,
        40,
        20,
        Duration.ofMillis(5),
        Optional.of(Duration.ofMillis(70)),
        Duration.ofMillis(900),
        1,
        UsageRow.Outcome.DONE,
        Optional.empty());
  }

  static UsageRow done(String task) {
    return done(task, "qwen3", "bob", "", NOON);
  }

  static UsageRow refused(String task, String model, Instant at) {
    return new UsageRow(
        new TaskId(task),
        at,
        "",
        "ollama",
        "chat",
        new ModelName(model),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        0,
        Duration.ofSeconds(30),
        Optional.empty(),
        Duration.ofSeconds(30),
        0,
        UsageRow.Outcome.REFUSED,
        Optional.of(FailureCode.BUSY));
  }

  /// The limits of a hub, small where a test wants to reach them.
  static StoreLimits limits(int usageWaiting, int changesWaiting, long usageRows, Bytes fileBytes) {
    return new StoreLimits(
        usageWaiting,
        changesWaiting,
        64,
        512,
        Duration.ofMillis(50),
        usageRows,
        Duration.ofDays(90),
        10,
        3,
        fileBytes,
        Duration.ofSeconds(5));
  }

  static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  /// What a future failed with; an error of the test when it did not.
  static Throwable failure(CompletableFuture<?> future) {
    try {
      Object answer = await(future);
      throw new AssertionError("answer: " + answer + " (expected: a failure)");
    } catch (CompletionException failed) {
      return Objects.requireNonNull(failed.getCause());
    }
  }
}
