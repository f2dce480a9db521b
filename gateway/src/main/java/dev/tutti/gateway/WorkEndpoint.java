package dev.tutti.gateway;

import dev.tutti.access.Sha256;
import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.TaskId;
import dev.tutti.dialects.AnswerContext;
import dev.tutti.dialects.AnswerWriter;
import dev.tutti.dialects.AnswerWriters;
import dev.tutti.dialects.ClientRequest;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dialects.Opening;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Prompt;
import dev.tutti.dispatch.Task;
import dev.tutti.gateway.classify.Finding;
import io.vertx.core.Context;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/// The way of a request that carries work: body, parse, submit, answer. Owner loop only.
final class WorkEndpoint {
  private final GatewayParts parts;
  private final GatewayLimits limits;
  private final Function<Exchange, BodyReader> bodies;
  private final Context owner;
  private final Appraiser appraiser;
  private final Idempotency idempotency;

  WorkEndpoint(
      GatewayParts parts,
      GatewayLimits limits,
      Function<Exchange, BodyReader> bodies,
      Context owner) {
    this.parts = parts;
    this.limits = limits;
    this.bodies = bodies;
    this.owner = owner;
    this.appraiser = new Appraiser(parts);
    this.idempotency = new Idempotency(parts.time());
  }

  /// An endpoint whose bodies the given codec reads.
  Consumer<Exchange> with(Function<byte[], ClientRequest> codec) {
    return with(codec, this::settle);
  }

  /// An endpoint whose bodies the given codec reads, told their media type.
  Consumer<Exchange> withType(BiFunction<byte[], String, ClientRequest> codec) {
    return reading(codec, this::submit);
  }

  /// What becomes of a request whose body was read. Who does it releases the body.
  interface Next {
    void take(Exchange exchange, TaskWishes wishes, ClientRequest request, BodyReader reader);
  }

  /// An endpoint whose bodies the given codec reads and somebody else answers.
  Consumer<Exchange> with(Function<byte[], ClientRequest> codec, Next next) {
    return reading((body, _) -> codec.apply(body), next);
  }

  private Consumer<Exchange> reading(BiFunction<byte[], String, ClientRequest> typed, Next next) {
    return exchange -> {
      String type = exchange.header("content-type").orElse("");
      Optional<String> key = Idempotency.key(exchange);
      Function<byte[], ClientRequest> codec =
          key.isEmpty()
              ? body -> typed.apply(body, type)
              : body -> {
                exchange.asked(new Idempotency.Asked(key.get(), Sha256.hex(body)));
                return typed.apply(body, type);
              };
      TaskWishes wishes = TaskWishes.of(exchange, parts.hub().queueTtl());
      BodyReader reader = bodies.apply(exchange);
      reader.read(
          limits.bodies().maxBytes(),
          body ->
              parse(
                  body,
                  codec,
                  exchange,
                  request -> {
                    if (!request.leftOut().isEmpty()) {
                      AnswerHeaders.leftOut(exchange.response(), request.leftOut());
                    }
                    next.take(exchange, wishes, request, reader);
                  },
                  reader));
    };
  }

  /// Small bodies are parsed here and now, large ones elsewhere: one image would hold up every
  /// stream on this loop.
  private void parse(
      byte[] body,
      Function<byte[], ClientRequest> codec,
      Exchange exchange,
      Consumer<ClientRequest> parsed,
      BodyReader reader) {
    if (body.length <= limits.bodies().maxInlineParseBytes()) {
      conclude(parsed(codec, body), exchange, parsed, reader);
      return;
    }
    parts
        .offLoop()
        .execute(() -> {
          Parsed result = parsed(codec, body);
          owner.runOnContext(_ -> conclude(result, exchange, parsed, reader));
        });
  }

  private static Parsed parsed(Function<byte[], ClientRequest> codec, byte[] body) {
    try {
      return new Parsed.Request(codec.apply(body));
    } catch (MeshException e) {
      return new Parsed.Refused(e.failure());
    } catch (RuntimeException | Error e) {
      return new Parsed.Refused(Faults.bug("codec", null, e));
    }
  }

  private static void conclude(
      Parsed result, Exchange exchange, Consumer<ClientRequest> parsed, BodyReader reader) {
    if (exchange.isOver()) {
      reader.release();
      return;
    }
    switch (result) {
      case Parsed.Request(var request) -> exchange.guarded(_ -> parsed.accept(request));
      case Parsed.Refused(var failure) -> exchange.fail(failure);
    }
    if (exchange.isOver()) {
      reader.release();
    }
  }

  /// A model is unloaded wherever it is in memory, unless the client names a node: all but one of
  /// them first, then the last one as the client's own task.
  private void settle(
      Exchange exchange, TaskWishes wishes, ClientRequest request, BodyReader reader) {
    List<NodeId> nodes = Unloading.nodes(parts.fleet().get(), wishes, request.work());
    if (nodes.isEmpty()) {
      submit(exchange, wishes, request, reader);
      return;
    }
    var unloading =
        new Unloading(
            nodes.size() - 1,
            () -> submit(exchange, wishes.on(nodes.getFirst()), request, reader),
            failure -> {
              exchange.fail(failure);
              reader.release();
            });
    exchange.onGone(unloading::cancel);
    for (NodeId node : nodes.subList(1, nodes.size())) {
      TaskId id = TaskId.random(parts.random());
      Task<Work> task =
          parts
              .admission()
              .licensed(
                  exchange.who(),
                  task(
                      id,
                      exchange.principal(),
                      wishes.on(node),
                      request.affinity(),
                      request.work()));
      unloading.holds(parts.dispatcher().submit(task, unloading.part()));
    }
    unloading.begin();
  }

  private void submit(
      Exchange exchange, TaskWishes wishes, ClientRequest request, BodyReader reader) {
    var judging = new boolean[] {true};
    Runnable takeBack =
        appraiser.appraise(
            exchange.principal(),
            wishes,
            request.work(),
            found -> {
              judging[0] = false;
              exchange.guarded(_ -> submit(exchange, wishes, request, found, reader));
              if (exchange.isOver()) {
                reader.release();
              }
            });
    if (judging[0]) {
      exchange.onGone(() -> {
        if (judging[0]) {
          judging[0] = false;
          takeBack.run();
          reader.release();
        }
      });
    }
  }

  private void submit(
      Exchange exchange,
      TaskWishes wishes,
      ClientRequest request,
      Finding found,
      BodyReader reader) {
    Idempotency.Asked asked = exchange.asked();
    // Loading and unloading twice does no harm, and later it is to be done again.
    if (asked != null
        && !(request.work() instanceof Work.Residency)
        && !idempotency.isFirst(exchange, asked)) {
      reader.release();
      return;
    }
    TaskId id = TaskId.random(parts.random());
    exchange.named(id);
    // The writer asks for the model that answers, which only the stream will know.
    var stream = new AnswerStream[1];
    AnswerWriter writer =
        AnswerWriters.of(
            request.sketch(),
            request.stream(),
            new AnswerContext(
                id.value(),
                parts.time().now().getEpochSecond(),
                () -> parts.time().now().toString(),
                () -> stream[0].answeredModel()));
    Task<Work> task =
        admitted(
            exchange,
            task(id, exchange.principal(), wishes, request.affinity(), request.work(), found));
    stream[0] =
        new AnswerStream(
            exchange, task, writer, parts, limits.answers(), reader.held(), reader::release);
    stream[0].holds(parts.dispatcher().submit(task, stream[0], stream[0]));
  }

  /// Tells how the key stands, whether it may or not.
  private Task<Work> admitted(Exchange exchange, Task<Work> task) {
    try {
      return parts.admission().admit(exchange.who(), task);
    } finally {
      parts
          .admission()
          .standing(exchange.who())
          .ifPresent(standing ->
              RateHeaders.put(
                  exchange.response(), exchange.surface(), standing, parts.time().now()));
    }
  }

  /// A task for the work, as the client wishes it.
  ///
  /// @param affinity what ties the conversation together, where the body says it
  static Task<Work> task(
      TaskId id, String principal, TaskWishes wishes, String affinity, Work work) {
    return task(id, principal, wishes, affinity, work, Appraiser.byRules(wishes, work));
  }

  /// The same for work that was judged before.
  static Task<Work> task(
      TaskId id, String principal, TaskWishes wishes, String affinity, Work work, Finding found) {
    ModelName model;
    try {
      model = new ModelName(work.model());
    } catch (IllegalArgumentException e) {
      throw Refusals.invalid(Optional.ofNullable(e.getMessage()).orElse("model: no name"));
    }
    return new Task<>(
        id,
        found.type(),
        model,
        work.needs(),
        wishes.priority(),
        wishes.ttl(),
        wishes.node(),
        wishes.substitute(),
        wishes.local(),
        outputLimit(work),
        principal,
        TaskWishes.session(principal, wishes.session(), affinity, work),
        wishes.hops(),
        OllamaLoad.contextOf(work).orElse(0),
        prompt(work),
        found.appraisal(),
        work);
  }

  private static Prompt prompt(Work work) {
    Opening opening = Opening.of(work);
    return Prompt.of(opening.tokens(), opening.hashes(), opening.upTo());
  }

  private static int outputLimit(Work work) {
    return switch (work) {
      case Work.Chat chat -> Math.max(0, chat.sampling().maxTokens().orElse(0));
      case Work.Completion text -> Math.max(0, text.sampling().maxTokens().orElse(0));
      case Work.Continued(var whole, _) -> outputLimit(whole);
      case Work.Embedding _,
          Work.Residency _,
          Work.TokenCount _,
          Work.Rerank _,
          Work.Transcription _ ->
          0;
    };
  }

  /// What came of a body.
  private sealed interface Parsed {
    record Request(ClientRequest request) implements Parsed {}

    record Refused(Failure failure) implements Parsed {}
  }
}
