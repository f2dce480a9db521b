package dev.tutti.link.agent;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.backends.Transport;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.ReportCodec;
import dev.tutti.wire.node.ExchangeFailure;
import dev.tutti.wire.node.RequestHead;
import dev.tutti.wire.node.ResponseEnd;
import dev.tutti.wire.node.ResponseHead;
import dev.tutti.wire.node.SlotDown;
import dev.tutti.wire.node.SlotOffer;
import dev.tutti.wire.node.SlotUp;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.client.GrpcClient;
import io.vertx.grpc.client.GrpcClientRequest;
import io.vertx.grpc.client.GrpcClientResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One slot's stream, from its offer to the moment when the engine can take the next one. Owner
/// loop.
final class AgentSlot {
  /// Hears when a slot needs a new stream.
  interface Keeper {
    /// The slot is done: its engine can take work again as far as is known.
    void over(AgentSlot slot);
  }

  /// Between two questions whether the engine is idle.
  private static final Duration IDLE_POLL = Duration.ofMillis(50);

  /// After this long a cancelled engine is taken for idle.
  private static final Duration IDLE_WAIT = Duration.ofSeconds(2);

  /// After a failed exchange or a lost stream, before the next one.
  private static final Duration AFTER_FAILURE = Duration.ofMillis(250);

  /// After a refused offer, before the next one.
  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(2);

  /// An answer is passed on in pieces no larger: a stalled reader's hub counts what it holds in
  /// pieces, so that small ones keep that small.
  private static final int PIECE_BYTES = 16 * 1024;

  private static final Parser<SlotDown> PARSER = SlotDown.parser();

  private enum Stage {
    OFFERING,
    FREE,
    RECEIVING,
    RUNNING,
    /// The stream is over; the engine may still be at work.
    SETTLING,
    OVER
  }

  private final String name;
  private final LocalBackend backend;
  private final Time time;
  private final BodyBudget budget;
  private final AtWork atWork;
  private final Keeper keeper;
  private Stage stage = Stage.OFFERING;
  private @Nullable GrpcClientRequest<Buffer, Buffer> stream;
  private RequestHead head = RequestHead.getDefaultInstance();
  private Map<String, String> headers = Map.of();
  private Buffer body = Buffer.buffer();
  private int budgeted;
  private Transport.@Nullable Exchange exchange;
  private boolean engineWaits;
  private boolean works;

  AgentSlot(
      String name,
      LocalBackend backend,
      Time time,
      BodyBudget budget,
      AtWork atWork,
      Keeper keeper) {
    this.name = name;
    this.backend = backend;
    this.time = time;
    this.budget = budget;
    this.atWork = atWork;
    this.keeper = keeper;
  }

  void open(GrpcClient client) {
    client
        .request(LinkMethods.SLOT)
        .onFailure(_ -> lost())
        .onSuccess(made -> {
          if (stage != Stage.OFFERING) {
            made.cancel();
            return;
          }
          stream = made;
          made.encoding("identity");
          made.exceptionHandler(_ -> lost());
          made.response().onFailure(_ -> lost()).onSuccess(this::accepted);
          made.write(
              LinkMethods.bytes(
                  SlotUp.newBuilder().setOffer(SlotOffer.newBuilder().setBackend(name)).build()));
        });
  }

  private void accepted(GrpcClientResponse<Buffer, Buffer> response) {
    if (stage != Stage.OFFERING) {
      return;
    }
    if (response.status() != null) {
      settleLater(AFTER_REFUSAL);
      return;
    }
    stage = Stage.FREE;
    response.errorHandler(_ -> lost());
    response.exceptionHandler(_ -> lost());
    response.endHandler(_ -> lost());
    LinkMethods.read(
        response, PARSER, LinkLimits.MAX_SLOT_MESSAGE_BYTES, this::heard, _ -> violated());
  }

  private void heard(SlotDown message) {
    switch (message.getIsCase()) {
      case HEAD -> {
        if (stage == Stage.FREE) {
          begin(message.getHead());
        } else {
          violated();
        }
      }
      case CHUNK -> {
        if (stage == Stage.RECEIVING) {
          receive(message.getChunk());
        } else {
          late();
        }
      }
      case END -> {
        if (stage == Stage.RECEIVING) {
          run();
        } else {
          late();
        }
      }
      case IS_NOT_SET -> violated();
    }
  }

  /// What comes after an early failure was under way; anything else is against the rules.
  private void late() {
    if (stage == Stage.FREE || stage == Stage.RUNNING) {
      violated();
    }
  }

  private void begin(RequestHead asked) {
    Optional<Map<String, String>> passed = EngineAllowList.headers(asked.getHeadersMap());
    if (passed.isEmpty()
        || !EngineAllowList.allows(asked.getMethod(), asked.getPath(), passed.get())) {
      fail(ExchangeFailure.Kind.NOT_ALLOWED, "not on this agent's list of engine calls");
      return;
    }
    if (!budget.fits(asked.getContentLength())) {
      fail(ExchangeFailure.Kind.BUSY, "request bodies fill this agent's memory");
      return;
    }
    stage = Stage.RECEIVING;
    works = true;
    atWork.begun();
    head = asked;
    headers = passed.get();
  }

  private void receive(ByteString chunk) {
    if (!budget.take(chunk.size())) {
      fail(ExchangeFailure.Kind.BUSY, "request bodies fill this agent's memory");
      return;
    }
    budgeted += chunk.size();
    body.appendBytes(chunk.toByteArray());
  }

  private void run() {
    stage = Stage.RUNNING;
    var request = new Transport.Request(head.getMethod(), head.getPath(), headers, body);
    exchange = backend.transport().send(request, new Relay());
  }

  /// Passes the engine's answer on, and makes the engine wait while the hub does not take it.
  private final class Relay implements Transport.Listener {
    @Override
    public void head(int status, Map<String, String> said) {
      var answer = ResponseHead.newBuilder().setStatus(status);
      for (String header : LinkLimits.RESPONSE_HEADERS) {
        String value = said.get(header);
        if (value != null) {
          answer.putHeaders(header, ReportCodec.text(value));
        }
      }
      write(SlotUp.newBuilder().setHead(answer).build());
    }

    @Override
    public void chunk(Buffer bytes) {
      for (int at = 0; at < bytes.length(); at += PIECE_BYTES) {
        int end = Math.min(bytes.length(), at + PIECE_BYTES);
        ByteString piece = UnsafeByteOperations.unsafeWrap(bytes.getBytes(at, end));
        write(SlotUp.newBuilder().setChunk(piece).build());
      }
      makeEngineWait();
    }

    @Override
    public void end() {
      write(SlotUp.newBuilder().setEnd(ResponseEnd.getDefaultInstance()).build());
      finish(Duration.ZERO);
    }

    @Override
    public void failed(Failure failure) {
      fail(kind(failure), failure.message());
    }
  }

  private static ExchangeFailure.Kind kind(Failure failure) {
    return switch (failure.retry()) {
      case SAFE_NOT_STARTED ->
          failure.code() == FailureCode.ENGINE_BUSY
              ? ExchangeFailure.Kind.BUSY
              : ExchangeFailure.Kind.NOT_STARTED;
      case UNSAFE_MAY_HAVE_ACTED, POINTLESS -> ExchangeFailure.Kind.MAY_HAVE_ACTED;
    };
  }

  private void makeEngineWait() {
    GrpcClientRequest<Buffer, Buffer> open = stream;
    Transport.Exchange running = exchange;
    if (open == null || running == null || engineWaits || !open.writeQueueFull()) {
      return;
    }
    engineWaits = true;
    running.pause();
    open.drainHandler(_ -> {
      if (stage == Stage.RUNNING && engineWaits) {
        engineWaits = false;
        running.resume();
      }
    });
  }

  private void write(SlotUp message) {
    GrpcClientRequest<Buffer, Buffer> open = stream;
    if (open != null && stage != Stage.SETTLING && stage != Stage.OVER) {
      open.write(LinkMethods.bytes(message));
    }
  }

  private void fail(ExchangeFailure.Kind kind, String why) {
    write(
        SlotUp.newBuilder()
            .setFailure(
                ExchangeFailure.newBuilder()
                    .setKind(kind)
                    .setMessage(ReportCodec.text(why, LinkLimits.MAX_FAILURE_CHARS)))
            .build());
    finish(AFTER_FAILURE);
  }

  /// The exchange has ended by itself.
  private void finish(Duration pause) {
    if (stage == Stage.SETTLING || stage == Stage.OVER) {
      return;
    }
    exchange = null;
    GrpcClientRequest<Buffer, Buffer> open = stream;
    settleLater(pause);
    if (open != null) {
      open.end();
    }
  }

  private void settleLater(Duration pause) {
    stage = Stage.SETTLING;
    release();
    time.after(pause, this::over);
  }

  private void violated() {
    GrpcClientRequest<Buffer, Buffer> open = stream;
    if (open != null && stage != Stage.SETTLING && stage != Stage.OVER) {
      open.cancel();
      lost();
    }
  }

  /// The hub cancelled, or the connection is gone: the engine stops at once.
  private void lost() {
    if (stage == Stage.SETTLING || stage == Stage.OVER) {
      return;
    }
    Transport.Exchange running = exchange;
    exchange = null;
    if (running == null) {
      settleLater(AFTER_FAILURE);
      return;
    }
    stage = Stage.SETTLING;
    release();
    running.cancel();
    time.after(IDLE_WAIT, this::over);
    askWhetherIdle();
  }

  private void askWhetherIdle() {
    if (stage != Stage.SETTLING) {
      return;
    }
    backend
        .idle()
        .get()
        .onComplete(answer -> {
          if (answer.succeeded() && answer.result()) {
            over();
          } else {
            time.after(IDLE_POLL, this::askWhetherIdle);
          }
        });
  }

  private void release() {
    if (works) {
      works = false;
      atWork.ended();
    }
    budget.give(budgeted);
    budgeted = 0;
    body = Buffer.buffer();
  }

  private void over() {
    if (stage != Stage.OVER) {
      stage = Stage.OVER;
      keeper.over(this);
    }
  }

  /// Takes the offer back if no exchange has begun; says whether it could.
  boolean withdraw() {
    if (stage != Stage.FREE && stage != Stage.OFFERING) {
      return false;
    }
    finish(Duration.ZERO);
    return true;
  }

  /// The connection is gone, before the stream itself was told.
  void lineLost() {
    lost();
  }
}
