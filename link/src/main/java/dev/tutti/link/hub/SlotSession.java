package dev.tutti.link.hub;

import com.google.protobuf.ByteString;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import dev.tutti.backends.Transport;
import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.NodeId;
import dev.tutti.core.Retry;
import dev.tutti.core.Time;
import dev.tutti.link.LinkLimits;
import dev.tutti.link.LinkMethods;
import dev.tutti.link.NodeReport;
import dev.tutti.link.ReportCodec;
import dev.tutti.wire.node.ExchangeFailure;
import dev.tutti.wire.node.RequestEnd;
import dev.tutti.wire.node.RequestHead;
import dev.tutti.wire.node.ResponseHead;
import dev.tutti.wire.node.SlotDown;
import dev.tutti.wire.node.SlotOffer;
import dev.tutti.wire.node.SlotUp;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// One slot's stream, from its offer to the end of its only exchange. Lives on the link's loop;
/// what the owner calls says so and crosses over.
final class SlotSession {
  private static final Parser<SlotUp> PARSER = SlotUp.parser();
  private static final int MIN_STATUS = 200;
  private static final int MAX_STATUS = 599;

  private enum Stage {
    GREETING,
    ASKING,
    FREE,
    /// A request is on its way; no answer yet.
    ASKED,
    /// The answer's head has come.
    ANSWERING,
    OVER
  }

  private final GrpcServerRequest<Buffer, Buffer> request;
  private final GrpcServerResponse<Buffer, Buffer> response;
  private final HubConnection connection;
  private final Loop loop;
  private final Pulses pulses;
  private final Roster roster;
  private final Executor owner;
  private final Time.Timer greetingDeadline;
  private Stage stage = Stage.GREETING;
  private @Nullable NodeId node;
  private String backend = "";
  private @Nullable TunnelExchange exchange;
  private Buffer body = Buffer.buffer();
  private int bodySent;
  private boolean bodyEnded;
  private int piecesInBetween;
  private int bytesInBetween;

  SlotSession(
      GrpcServerRequest<Buffer, Buffer> request,
      HubConnection connection,
      Loop loop,
      Time time,
      Pulses pulses,
      Roster roster,
      Executor owner) {
    this.request = request;
    this.response = request.response();
    this.connection = connection;
    this.loop = loop;
    this.pulses = pulses;
    this.roster = roster;
    this.owner = owner;
    this.greetingDeadline = time.after(LinkLimits.GREETING, this::noGreeting);
  }

  void begin() {
    response.encoding("identity");
    LinkMethods.read(
        request, PARSER, LinkLimits.MAX_SLOT_MESSAGE_BYTES, this::heard, this::violated);
    request.errorHandler(_ -> lost("stream reset"));
    request.exceptionHandler(_ -> lost("connection lost"));
    response.exceptionHandler(_ -> lost("connection lost"));
    request.endHandler(_ -> ended());
  }

  private void noGreeting() {
    if (stage == Stage.GREETING) {
      violated("no offer");
    }
  }

  private void heard(SlotUp message) {
    connection.heard();
    switch (stage) {
      case GREETING -> offered(message);
      case ASKING, FREE -> violated("a message without a request");
      case ASKED -> answerBegins(message);
      case ANSWERING -> answerGoesOn(message);
      case OVER -> {}
    }
  }

  private void offered(SlotUp message) {
    SlotOffer offer = message.getOffer();
    if (!NodeReport.Backend.isName(offer.getBackend())) {
      violated("no offer");
      return;
    }
    greetingDeadline.cancel();
    stage = Stage.ASKING;
    backend = offer.getBackend();
    owner.execute(() -> roster.offer(this, connection.peer(), offer.getBackend()));
  }

  /// From the owner: the offer is accepted, as that node's.
  void welcome(NodeId who) {
    loop.execute(() -> {
      if (stage != Stage.ASKING) {
        // It ended before it could know whom to tell.
        owner.execute(() -> roster.slotLost(this, who, backend));
        return;
      }
      stage = Stage.FREE;
      node = who;
      connection.carriesSlots(who, pulses, () -> owner.execute(() -> roster.pong(who)));
      response.writeHead();
    });
  }

  /// From the owner: the offer is not accepted.
  void refuse(GrpcStatus status, String why) {
    loop.execute(() -> {
      if (stage == Stage.ASKING) {
        stage = Stage.OVER;
        response.status(status).statusMessage(why).end();
        connection.refused();
      }
    });
  }

  /// From the owner: sends a request and tells `exchange` what comes of it.
  void begin(TunnelExchange exchange, Transport.Request what) {
    loop.execute(() -> {
      if (stage != Stage.FREE) {
        exchange.breakLater(
            Failure.of(
                FailureCode.ENGINE_UNREACHABLE,
                Retry.SAFE_NOT_STARTED,
                "the slot was lost before the request was sent"));
        return;
      }
      this.exchange = exchange;
      stage = Stage.ASKED;
      body = what.body();
      response.drainHandler(_ -> sendBody());
      response.write(LinkMethods.bytes(head(what)));
      sendBody();
    });
  }

  private static SlotDown head(Transport.Request what) {
    return SlotDown.newBuilder()
        .setHead(
            RequestHead.newBuilder()
                .setMethod(what.method())
                .setPath(what.path())
                .putAllHeaders(what.headers())
                .setContentLength(what.body().length()))
        .build();
  }

  private void sendBody() {
    while (stage != Stage.OVER && bodySent < body.length() && !response.writeQueueFull()) {
      int end = Math.min(body.length(), bodySent + Transport.MAX_CHUNK_BYTES);
      ByteString chunk = UnsafeByteOperations.unsafeWrap(body.getBytes(bodySent, end));
      bodySent = end;
      response.write(LinkMethods.bytes(SlotDown.newBuilder().setChunk(chunk).build()));
    }
    if (stage != Stage.OVER && bodySent == body.length() && !bodyEnded) {
      bodyEnded = true;
      body = Buffer.buffer();
      bodySent = 0;
      SlotDown end = SlotDown.newBuilder().setEnd(RequestEnd.getDefaultInstance()).build();
      response.write(LinkMethods.bytes(end));
    }
  }

  private void answerBegins(SlotUp message) {
    switch (message.getIsCase()) {
      case HEAD -> {
        ResponseHead head = message.getHead();
        if (head.getStatus() < MIN_STATUS || head.getStatus() > MAX_STATUS) {
          violated("status " + head.getStatus());
          return;
        }
        stage = Stage.ANSWERING;
        tell(new TunnelExchange.Head(head.getStatus(), passedOn(head.getHeadersMap())));
      }
      case FAILURE -> finish(new TunnelExchange.Broken(notStarted(message.getFailure())));
      case OFFER, CHUNK, END, IS_NOT_SET -> violated("no head");
    }
  }

  private void answerGoesOn(SlotUp message) {
    switch (message.getIsCase()) {
      case CHUNK -> {
        ByteString chunk = message.getChunk();
        if (chunk.size() > Transport.MAX_CHUNK_BYTES) {
          violated("chunk of " + chunk.size() + " bytes");
          return;
        }
        piecesInBetween++;
        bytesInBetween += chunk.size();
        tell(new TunnelExchange.Chunk(Buffer.buffer(chunk.toByteArray())));
        if (isFull()) {
          request.pause();
        }
      }
      case END -> finish(new TunnelExchange.End());
      case FAILURE -> finish(new TunnelExchange.Broken(broken(text(message.getFailure()))));
      case OFFER, HEAD, IS_NOT_SET -> violated("a second head");
    }
  }

  private boolean isFull() {
    return piecesInBetween >= LinkLimits.MAX_PIECES_IN_BETWEEN
        || bytesInBetween >= LinkLimits.MAX_BYTES_IN_BETWEEN;
  }

  /// From the owner: so much of the answer was taken.
  void acknowledge(int pieces, int bytes) {
    loop.execute(() -> {
      piecesInBetween -= pieces;
      bytesInBetween -= bytes;
      if (stage == Stage.ANSWERING && !isFull()) {
        request.resume();
      }
    });
  }

  private static Map<String, String> passedOn(Map<String, String> said) {
    var passed = new HashMap<String, String>();
    for (String name : LinkLimits.RESPONSE_HEADERS) {
      String value = said.get(name);
      if (value != null) {
        passed.put(name, ReportCodec.text(value));
      }
    }
    return passed;
  }

  private Failure notStarted(ExchangeFailure failure) {
    String why = text(failure);
    return switch (failure.getKind()) {
      case NOT_STARTED -> Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.SAFE_NOT_STARTED, why);
      case BUSY -> Failure.of(FailureCode.ENGINE_BUSY, Retry.SAFE_NOT_STARTED, why);
      case NOT_ALLOWED -> Failure.of(FailureCode.UNSUPPORTED, Retry.POINTLESS, why);
      case MAY_HAVE_ACTED, KIND_UNSPECIFIED, UNRECOGNIZED ->
          Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.UNSAFE_MAY_HAVE_ACTED, why);
    };
  }

  private static Failure broken(String why) {
    return Failure.of(FailureCode.BROKEN_STREAM, Retry.UNSAFE_MAY_HAVE_ACTED, why);
  }

  private String text(ExchangeFailure failure) {
    return node
        + "/"
        + backend
        + ": "
        + ReportCodec.text(failure.getMessage(), LinkLimits.MAX_FAILURE_CHARS);
  }

  /// The agent has said all it will.
  private void finish(TunnelExchange.Piece last) {
    stage = Stage.OVER;
    tell(last);
    release();
    response.end();
  }

  /// The agent closed its side: fine for a free slot that it withdraws, even when a request was on
  /// its way to it; a break for an answer.
  private void ended() {
    switch (stage) {
      case FREE, ASKING -> {
        stage = Stage.OVER;
        release();
        response.end();
      }
      case ASKED ->
          finish(
              new TunnelExchange.Broken(
                  Failure.of(
                      FailureCode.ENGINE_UNREACHABLE,
                      Retry.SAFE_NOT_STARTED,
                      node + "/" + backend + ": the slot was withdrawn")));
      case GREETING, ANSWERING -> violated("ended early");
      case OVER -> {}
    }
  }

  /// From the owner: the exchange is no longer wanted.
  void cancel() {
    loop.execute(() -> {
      if (stage != Stage.OVER) {
        stage = Stage.OVER;
        connection.stop(response);
        release();
      }
    });
  }

  /// From the owner: the slot counts no more.
  void drop(String why) {
    loop.execute(() -> violated(why));
  }

  /// The agent broke the rules: nothing more of this stream is believed.
  private void violated(String what) {
    if (stage != Stage.OVER) {
      connection.stop(response);
      lost(what);
    }
  }

  private void lost(String why) {
    if (stage == Stage.OVER) {
      return;
    }
    String told = node + "/" + backend + ": " + why;
    Failure failure =
        stage == Stage.ANSWERING
            ? broken(told)
            : Failure.of(FailureCode.ENGINE_UNREACHABLE, Retry.UNSAFE_MAY_HAVE_ACTED, told);
    stage = Stage.OVER;
    tell(new TunnelExchange.Broken(failure));
    release();
  }

  private void tell(TunnelExchange.Piece piece) {
    TunnelExchange told = exchange;
    if (told != null) {
      owner.execute(() -> told.arrived(piece));
    }
  }

  /// Nothing of this stream is needed any more.
  private void release() {
    greetingDeadline.cancel();
    body = Buffer.buffer();
    bodySent = 0;
    bodyEnded = true;
    NodeId known = node;
    if (known != null) {
      owner.execute(() -> roster.slotLost(this, known, backend));
    }
  }
}
