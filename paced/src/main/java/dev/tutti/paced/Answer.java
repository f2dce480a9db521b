package dev.tutti.paced;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes what a generation makes to the client, in pieces or whole, and breaks it where a fault
/// says so. The generation waits while the client does not read, and ends when the client leaves.
final class Answer implements Generation.Sink {
  /// How an answer is delivered.
  enum Delivery {
    STREAM,
    WHOLE
  }

  /// The client is behind when so many bytes wait for it.
  static final int MAX_WAITING_BYTES = 32 * 1024;

  static final String GARBAGE = "\u0001\u0002}{ no record of any dialect \u0003\n\n";
  private static final String BROKEN = "the simulated engine failed on demand";

  private final Exchange exchange;
  private final HttpServerResponse response;
  private final AnswerFormat format;
  private final Delivery delivery;
  private final List<Piece> pieces = new ArrayList<>();
  private @Nullable Generation generation;

  private Answer(Exchange exchange, AnswerFormat format, Delivery delivery) {
    this.exchange = exchange;
    this.response = exchange.response();
    this.format = format;
    this.delivery = delivery;
  }

  /// Starts the work and answers with it.
  static void give(
      Machine machine, Exchange exchange, Ask ask, AnswerFormat format, Delivery delivery) {
    var answer = new Answer(exchange, format, delivery);
    Generation generation = machine.start(ask, exchange.fault(), answer);
    answer.generation = generation;
    endWithClient(exchange, generation);
    answer.response.setWriteQueueMaxSize(MAX_WAITING_BYTES);
    answer.response.drainHandler(_ -> generation.resume());
  }

  private static void endWithClient(Exchange exchange, Generation generation) {
    exchange.response().exceptionHandler(_ -> generation.cancel(Generation.End.ABORTED));
    exchange.response().closeHandler(_ -> generation.cancel(Generation.End.ABORTED));
    if (exchange.response().closed()) {
      generation.cancel(Generation.End.ABORTED);
    }
  }

  @Override
  public void begun() {
    if (exchange.fault().kind() == Fault.Kind.HANG) {
      pause();
      return;
    }
    if (delivery == Delivery.STREAM) {
      if (exchange.fault().kind() == Fault.Kind.WRONG_LENGTH) {
        response.putHeader("content-length", Integer.toString(Integer.MAX_VALUE));
      } else {
        response.setChunked(true);
      }
      response.putHeader("content-type", format.streamType());
      response.putHeader("cache-control", "no-cache");
      write(format.open());
    }
    breakBefore(0);
  }

  @Override
  public void piece(int index, Piece piece) {
    switch (delivery) {
      case STREAM -> {
        write(format.piece(piece));
        if (response.writeQueueFull()) {
          pause();
        }
      }
      case WHOLE -> pieces.add(piece);
    }
    breakBefore(index + 1);
  }

  @Override
  public void finished(Spent spent) {
    switch (delivery) {
      case STREAM -> {
        if (exchange.fault().kind() == Fault.Kind.WRONG_LENGTH) {
          response.write(format.close(spent)).onComplete(_ -> exchange.close());
        } else {
          response.end(format.close(spent));
        }
      }
      case WHOLE -> exchange.answer(200, format.whole(pieces, spent));
    }
  }

  private void write(String text) {
    if (!text.isEmpty()) {
      response.write(text);
    }
  }

  private void pause() {
    if (generation != null) {
      generation.pause();
    }
  }

  /// Does what the fault asks for when `made` tokens are out.
  private void breakBefore(int made) {
    Fault fault = exchange.fault();
    if (fault.argument() != made) {
      return;
    }
    switch (fault.kind()) {
      case STALL_AFTER -> {
        pause();
        response.drainHandler(null);
        partOfWhole();
      }
      case CUT_AFTER -> {
        fail();
        partOfWhole().onComplete(_ -> exchange.reset());
      }
      case GARBAGE_AFTER -> {
        fail();
        endWith(GARBAGE);
      }
      case ERROR_AFTER -> {
        fail();
        switch (delivery) {
          case STREAM -> response.end(exchange.dialect().errorRecord(BROKEN));
          case WHOLE -> exchange.error(500, BROKEN);
        }
      }
      case CLEAN_END_AFTER -> {
        fail();
        endWith("");
      }
      case NONE, REFUSE, RESET, HANG -> {}
      case STATUS_429, STATUS_503, STATUS_500, STATUS_502, ERROR_200 -> {}
      case SLOW_FIRST_BYTE, WRONG_LENGTH, ENDLESS -> {}
    }
  }

  private void fail() {
    if (generation != null) {
      generation.cancel(Generation.End.FAILED);
    }
  }

  private void endWith(String text) {
    switch (delivery) {
      case STREAM -> response.end(text);
      case WHOLE -> exchange.answer(200, Exchange.JSON_TYPE, partialBody() + text);
    }
  }

  /// Sends the first half of a whole answer; a stream has sent its part already. Completes when it
  /// is on its way.
  private Future<Void> partOfWhole() {
    return switch (delivery) {
      case STREAM -> response.write("");
      case WHOLE -> {
        String part = partialBody();
        response.putHeader("content-type", Exchange.JSON_TYPE);
        response.putHeader("content-length", Integer.toString(2 * part.length() + 2));
        yield response.write(part);
      }
    };
  }

  private String partialBody() {
    return "{\"simulated\":true,\"text\":\"" + AnswerFormat.text(pieces).replace("\"", "");
  }
}
