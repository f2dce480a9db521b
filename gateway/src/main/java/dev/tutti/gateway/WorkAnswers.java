package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.worklist.Page;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.Wishes;
import io.vertx.core.Context;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the endpoints of longer work have in common. Owner loop only.
final class WorkAnswers {
  private final GatewayParts parts;
  private final GatewayLimits limits;
  private final Function<Exchange, BodyReader> bodies;
  private final Context owner;

  WorkAnswers(
      GatewayParts parts,
      GatewayLimits limits,
      Function<Exchange, BodyReader> bodies,
      Context owner) {
    this.parts = parts;
    this.limits = limits;
    this.bodies = bodies;
    this.owner = owner;
  }

  /// Who asks.
  static Viewer viewer(Exchange exchange) {
    return new Viewer(exchange.principal(), exchange.administrator());
  }

  /// What the headers ask of the mesh itself; the priority is the lowest unless one is named.
  static Wishes wishes(Exchange exchange, GatewayParts parts) {
    TaskWishes asked = TaskWishes.of(exchange, parts.hub().queueTtl());
    return new Wishes(
        exchange.header("x-tutti-priority").isPresent()
            ? asked.priority()
            : Wishes.DEFAULT_PRIORITY,
        asked.type().map(type -> type.wireName()).orElse(""),
        asked.node().map(node -> node.value()).orElse(""),
        asked.substitute(),
        asked.local(),
        asked.session());
  }

  /// The stretch of a list that the query asks for.
  static Page.Ask page(Exchange exchange, int usual, int most) {
    int limit = exchange.query("limit").map(text -> number("limit", text, 1, most)).orElse(usual);
    boolean newestFirst =
        switch (exchange.query("order").orElse("desc")) {
          case "asc" -> false;
          case "desc" -> true;
          default -> throw Refusals.invalid("order: unknown (expected: asc or desc)");
        };
    return new Page.Ask(exchange.query("after").orElse(""), limit, newestFirst);
  }

  static int number(String name, String text, int least, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw Refusals.invalid(
        name + ": not understood (expected: a whole number, " + least + " to " + most + ")");
  }

  /// Reads a body, makes something of it off the loop where it is large, and goes on with that.
  ///
  /// @param next gives what the body's memory is needed for
  <T> void read(
      Exchange exchange, Function<byte[], T> parse, Function<T, CompletableFuture<?>> next) {
    BodyReader reader = bodies.apply(exchange);
    reader.read(
        limits.bodies().maxBytes(),
        body -> {
          Consumer<Supplier<T>> conclude =
              parsed -> {
                try {
                  var _ = next.apply(parsed.get()).whenComplete((_, _) -> reader.release());
                } catch (MeshException e) {
                  reader.release();
                  exchange.fail(e.failure());
                } catch (RuntimeException | Error e) {
                  reader.release();
                  exchange.fail(Faults.bug("request", exchange.request().path(), e));
                }
              };
          if (body.length <= limits.bodies().maxInlineParseBytes()) {
            conclude.accept(() -> parse.apply(body));
            return;
          }
          parts
              .offLoop()
              .execute(() -> {
                Supplier<T> parsed = parsed(parse, body);
                owner.runOnContext(_ -> conclude.accept(parsed));
              });
        });
  }

  private static <T> Supplier<T> parsed(Function<byte[], T> parse, byte[] body) {
    try {
      T value = parse.apply(body);
      return () -> value;
    } catch (RuntimeException | Error e) {
      return () -> {
        throw e;
      };
    }
  }

  /// Answers with a document when it is there.
  static <T> CompletableFuture<?> json(
      Exchange exchange, int status, CompletableFuture<T> found, Function<T, Object> document) {
    return then(exchange, found, value -> exchange.json(status, document.apply(value)));
  }

  /// Goes on when it is there, else refuses.
  static <T> CompletableFuture<?> then(
      Exchange exchange, CompletableFuture<T> found, Consumer<T> next) {
    return found.handle((value, fault) -> {
      if (fault != null) {
        exchange.fail(failure(exchange, fault));
      } else {
        exchange.guarded(_ -> next.accept(value));
      }
      return true;
    });
  }

  private static Failure failure(Exchange exchange, Throwable fault) {
    @Nullable Throwable inner = fault.getCause();
    Throwable cause = fault instanceof CompletionException && inner != null ? inner : fault;
    return cause instanceof MeshException known
        ? known.failure()
        : Faults.bug("request", exchange.request().path(), cause);
  }
}
