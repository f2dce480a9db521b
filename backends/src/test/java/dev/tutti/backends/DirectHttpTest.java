package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.testkit.Eventually;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DirectHttpTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private final OwnerLoop loop = new OwnerLoop();

  @AfterEach
  void close() {
    loop.close();
  }

  private record Sent(Heard heard, Transport.Exchange exchange) {}

  private Sent send(DirectHttp transport, Transport.Request request) {
    return loop.on(() -> {
      var heard = new Heard();
      var exchange = transport.send(request, heard);
      assertThat(heard.order).as("told before send returned").isEmpty();
      return new Sent(heard, exchange);
    });
  }

  private Sent post(DirectHttp transport, String body) {
    return send(
        transport,
        new Transport.Request("POST", "/api/chat?x=1", Map.of("content-type", "a/b"), text(body)));
  }

  private static Buffer text(String body) {
    return Buffer.buffer(body);
  }

  private DirectHttp to(EngineAddress address) {
    return new DirectHttp(loop.vertx, address, "hub-1");
  }

  private static void awaitEnd(Sent sent) {
    Eventually.until("the exchange's end", SOON, () -> sent.heard().isOver());
  }

  @Test
  void an_exchange_brings_head_body_and_end() {
    try (var server = StubServer.routes(Map.of("POST /api/chat?x=1", "hello"), Map.of("A", "b"))) {
      var sent = post(to(server.address()), "{}");
      awaitEnd(sent);
      assertThat(sent.heard().order).containsExactly("head", "end");
      assertThat(sent.heard().status).isEqualTo(200);
      assertThat(sent.heard().headers).containsEntry("a", "b");
      assertThat(sent.heard().text).isEqualTo("hello");
      assertThat(server.requests.getFirst().body()).isEqualTo("{}");
    }
  }

  @Test
  @DisplayName("T44 an engine is asked under its own Host, and never offered h2c")
  void host_and_hops_are_our_own_and_nothing_offers_http_2() {
    try (var server = StubServer.routes(Map.of(), Map.of())) {
      var address = EngineAddress.parse("http://localhost:" + server.port() + "/proxy/v1");
      var headers =
          Map.of("host", "evil", "x-tutti-hop", "hub-0", "upgrade", "h2c", "x-other", "kept");
      awaitEnd(send(to(address), new Transport.Request("GET", "/v1/models", headers, text(""))));
      var request = server.requests.getFirst();
      assertThat(request.path()).isEqualTo("/proxy/v1/models");
      assertThat(request.headers())
          .containsEntry("host", "localhost:" + server.port())
          .containsEntry("x-tutti-hop", "hub-0,hub-1")
          .containsEntry("x-other", "kept")
          .doesNotContainKeys("upgrade", "http2-settings", "connection");
    }
  }

  @Test
  void a_question_on_a_connection_that_the_engine_just_closed_is_asked_again() {
    var asked = new java.util.concurrent.atomic.AtomicInteger();
    try (var server =
        new StubServer((_, out) -> {
          if (asked.incrementAndGet() == 2) {
            return false; // kept alive after the first answer, closed at the second question
          }
          StubServer.reply(out, 200, Map.of(), "well");
          return true;
        })) {
      var transport = to(server.address());
      var question = new Transport.Request("GET", "/health", Map.of(), text(""));
      awaitEnd(send(transport, question));
      var second = send(transport, question);
      awaitEnd(second);
      assertThat(second.heard().order).containsExactly("head", "end");
      assertThat(second.heard().text).isEqualTo("well");
      assertThat(server.connections.get()).isEqualTo(2);
    }
  }

  @Test
  void work_that_was_sent_whole_is_never_sent_twice() {
    var asked = new java.util.concurrent.atomic.AtomicInteger();
    try (var server =
        new StubServer((_, out) -> {
          if (asked.incrementAndGet() == 2) {
            return false;
          }
          StubServer.reply(out, 200, Map.of(), "well");
          return true;
        })) {
      var transport = to(server.address());
      awaitEnd(post(transport, "{}"));
      var second = post(transport, "{}");
      awaitEnd(second);
      assertThat(second.heard().failure().retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);
      assertThat(asked.get()).isEqualTo(2);
    }
  }

  @Test
  void a_refused_connection_is_safe_to_repeat() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var sent = post(to(EngineAddress.loopback(port)), "{}");
    awaitEnd(sent);
    assertThat(sent.heard().failure().code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
    assertThat(sent.heard().failure().retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
    assertThat(sent.heard().failure().message()).contains("connection refused");
  }

  @Test
  void an_unknown_host_is_safe_to_repeat() {
    var sent = post(to(EngineAddress.parse("http://no-such-host.invalid:1")), "{}");
    Eventually.until("the failure", Duration.ofSeconds(15), () -> sent.heard().isOver());
    assertThat(sent.heard().failure().code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
    assertThat(sent.heard().failure().retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
  }

  @Test
  void a_host_that_swallows_packets_is_given_up_in_two_seconds() throws IOException {
    // A full backlog: the kernel drops what comes, as a firewall would.
    try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var fillers = new java.util.ArrayList<java.net.Socket>();
      for (int i = 0; i < 4; i++) {
        var filler = new java.net.Socket();
        fillers.add(filler);
        try {
          filler.connect(full.getLocalSocketAddress(), 200);
        } catch (java.net.SocketTimeoutException _) {
          break;
        }
      }
      long start = System.nanoTime();
      var sent = post(to(EngineAddress.loopback(full.getLocalPort())), "{}");
      awaitEnd(sent);
      assertThat(sent.heard().failure().retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
      assertThat(sent.heard().failure().message()).contains("no connection in time");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(4));
      for (var filler : fillers) {
        filler.close();
      }
    }
  }

  @Test
  void a_connection_closed_after_the_request_and_before_the_answer_may_have_acted() {
    var first = new AtomicBoolean(true);
    try (var server =
        new StubServer((_, out) -> {
          if (first.getAndSet(false)) {
            StubServer.reply(out, 200, Map.of(), "one");
            return true;
          }
          return false;
        })) {
      var transport = to(server.address());
      awaitEnd(post(transport, "{}"));
      var second = post(transport, "{}");
      awaitEnd(second);
      assertThat(server.connections).as("the connection was used again").hasValue(1);
      assertThat(second.heard().failure().code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
      assertThat(second.heard().failure().retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);
    }
  }

  @Test
  void an_answer_that_breaks_off_is_a_broken_stream() {
    try (var server =
        new StubServer((_, out) -> {
          write(out, "HTTP/1.1 200 x\r\ncontent-length: 100\r\n\r\nhalf");
          return false;
        })) {
      var sent = post(to(server.address()), "{}");
      awaitEnd(sent);
      assertThat(sent.heard().order).containsExactly("head", "failed");
      assertThat(sent.heard().text).isEqualTo("half");
      assertThat(sent.heard().failure().code()).isEqualTo(FailureCode.BROKEN_STREAM);
      assertThat(sent.heard().failure().retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);
    }
  }

  @Test
  void a_broken_chunk_is_a_broken_stream() {
    try (var server =
        new StubServer((_, out) -> {
          write(out, "HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\nZZ\r\n");
          return true;
        })) {
      var sent = post(to(server.address()), "{}");
      awaitEnd(sent);
      assertThat(sent.heard().failure().code()).isEqualTo(FailureCode.BROKEN_STREAM);
      Eventually.until("the connection's end", AT_ONCE, () -> server.openConnections() == 0);
    }
  }

  @Test
  void an_answer_that_is_no_http_is_the_engines_error() {
    try (var server =
        new StubServer((_, out) -> {
          write(out, "SSH-2.0-OpenSSH\r\n\r\n\r\n");
          return true;
        })) {
      var sent = post(to(server.address()), "{}");
      awaitEnd(sent);
      assertThat(sent.heard().failure().code()).isEqualTo(FailureCode.ENGINE_ERROR);
      assertThat(sent.heard().failure().retry()).isEqualTo(Retry.UNSAFE_MAY_HAVE_ACTED);
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  /// Writes for ever and counts what the socket took.
  private static StubServer endless(AtomicLong taken) {
    return new StubServer((_, out) -> {
      write(out, "HTTP/1.1 200 x\r\n\r\n");
      byte[] page = new byte[4096];
      while (true) {
        out.write(page);
        taken.addAndGet(page.length);
      }
    });
  }

  @Test
  void a_paused_exchange_takes_only_what_the_sockets_hold() {
    var taken = new AtomicLong();
    try (var server = endless(taken)) {
      var sent = post(to(server.address()), "{}");
      Eventually.until("the first bytes", SOON, () -> sent.heard().bytes.get() > 0);
      loop.run(sent.exchange()::pause);
      var last = new AtomicLong(-1);
      Eventually.until(
          "the stream to stand still",
          SOON,
          () -> {
            waitALittle();
            return last.getAndSet(taken.get()) == taken.get();
          });
      long held = taken.get() - sent.heard().bytes.get();
      assertThat(held).isLessThan(16 * 1024 * 1024);
      long heard = sent.heard().bytes.get();
      loop.run(sent.exchange()::resume);
      Eventually.until("more bytes", SOON, () -> sent.heard().bytes.get() > heard + held);
      loop.run(sent.exchange()::cancel);
    }
  }

  private void waitALittle() {
    var later = new AtomicBoolean();
    loop.run(() -> loop.time.after(Duration.ofMillis(100), () -> later.set(true)));
    Eventually.until(SOON, later::get);
  }

  @Test
  void cancelling_closes_the_connection_at_once_even_while_paused() {
    var taken = new AtomicLong();
    try (var server = endless(taken)) {
      var sent = post(to(server.address()), "{}");
      Eventually.until("the first bytes", SOON, () -> sent.heard().bytes.get() > 0);
      loop.run(sent.exchange()::pause);
      waitALittle();
      long heard = sent.heard().bytes.get();
      loop.run(sent.exchange()::cancel);
      Eventually.until("the connection's end", AT_ONCE, () -> server.openConnections() == 0);
      waitALittle();
      assertThat(sent.heard().order).containsExactly("head");
      assertThat(sent.heard().bytes).hasValue(heard);
    }
  }

  @Test
  void cancelling_before_the_answer_closes_the_connection() {
    // It never answers and waits for the next request, so it sees the end of the connection.
    try (var server = new StubServer((_, _) -> true)) {
      var sent = post(to(server.address()), "{}");
      Eventually.until("the request", SOON, () -> server.requests.size() == 1);
      loop.run(sent.exchange()::cancel);
      loop.run(sent.exchange()::cancel);
      Eventually.until("the connection's end", AT_ONCE, () -> server.openConnections() == 0);
      assertThat(sent.heard().order).isEmpty();
    }
  }

  @Test
  void cancelling_while_the_engine_does_not_read_closes_the_connection_too() throws Exception {
    try (var deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var transport = to(EngineAddress.loopback(deaf.getLocalPort()));
      var sent = post(transport, "x".repeat(64 * 1024 * 1024));
      try (var socket = deaf.accept()) {
        waitALittle();
        loop.run(sent.exchange()::cancel);
        // What was under way can be read, then comes the end and not the rest of the body.
        long read = drain(socket);
        assertThat(read).isLessThan(32 * 1024 * 1024);
      }
    }
  }

  private static long drain(java.net.Socket socket) throws IOException {
    socket.setSoTimeout(2_000);
    long read = 0;
    byte[] page = new byte[64 * 1024];
    try {
      for (int n = socket.getInputStream().read(page);
          n >= 0;
          n = socket.getInputStream().read(page)) {
        read += n;
      }
    } catch (java.net.SocketTimeoutException stillOpen) {
      throw new AssertionError("the connection is still open", stillOpen);
    } catch (IOException _) {
      // Reset: just as final.
    }
    return read;
  }

  @Test
  void more_exchanges_than_a_pool_of_five_run_at_a_time() {
    try (var server =
        new StubServer((_, out) -> {
          write(out, "HTTP/1.1 200 x\r\n\r\n");
          java.util.concurrent.locks.LockSupport.park();
          return false;
        })) {
      var transport = to(server.address());
      for (int i = 0; i < 40; i++) {
        post(transport, "{}");
      }
      Eventually.until("40 connections", SOON, () -> server.requests.size() == 40);
      loop.run(transport::close);
    }
  }
}
