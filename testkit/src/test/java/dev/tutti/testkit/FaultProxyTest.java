package dev.tutti.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FaultProxyTest {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int LONG_MILLIS = 10_000;
  private static final int SHORT_MILLIS = 100;

  private final AtomicInteger serverEnds = new AtomicInteger();
  private final ServerSocket server = echo();
  private final FaultProxy proxy = FaultProxy.to("127.0.0.1", server.getLocalPort());

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
  }

  /// Sends back every byte it gets.
  private ServerSocket echo() {
    try {
      var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      Thread.ofVirtual().start(() -> serve(socket));
      return socket;
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private void serve(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual()
            .start(() -> {
              try (client) {
                client.getInputStream().transferTo(client.getOutputStream());
              } catch (IOException _) {
                // cut: that is what these tests are about
              } finally {
                serverEnds.incrementAndGet();
              }
            });
      } catch (IOException _) {
        return;
      }
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(LONG_MILLIS);
    return socket;
  }

  private static String exchange(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    return read(socket.getInputStream(), text.length());
  }

  private static String read(InputStream in, int count) throws IOException {
    return new String(in.readNBytes(count), StandardCharsets.UTF_8);
  }

  @Test
  void what_passes_is_whole_and_counted_and_a_clean_end_stays_clean() throws IOException {
    try (Socket socket = connect()) {
      String text = "x".repeat(100_000);
      Thread.ofVirtual().start(() -> sendAll(socket, text));
      assertThat(read(socket.getInputStream(), text.length())).isEqualTo(text);
      assertThat(proxy.open()).isEqualTo(1);
      socket.shutdownOutput();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    Eventually.until("closed", DEADLINE, () -> proxy.open() == 0);
    assertThat(proxy.accepted()).isEqualTo(1);
    Eventually.until("the server has seen the end", DEADLINE, () -> serverEnds.get() == 1);
  }

  private static void sendAll(Socket socket, String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void a_refused_port_opens_again_at_the_same_number_and_open_connections_go_on()
      throws IOException {
    try (Socket before = connect()) {
      assertThat(exchange(before, "one")).isEqualTo("one");
      proxy.set(new FaultProxy.Mode.Refuse());
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      assertThat(exchange(before, "two")).isEqualTo("two");
    }
    proxy.set(new FaultProxy.Mode.Pass());
    try (Socket after = connect()) {
      assertThat(exchange(after, "three")).isEqualTo("three");
    }
  }

  @Test
  void a_hanging_connection_moves_nothing_until_it_may() throws IOException {
    proxy.set(new FaultProxy.Mode.Hang());
    try (Socket socket = connect()) {
      socket.setSoTimeout(SHORT_MILLIS);
      assertThatThrownBy(() -> exchange(socket, "hello"))
          .isInstanceOf(SocketTimeoutException.class);
      socket.setSoTimeout(LONG_MILLIS);
      proxy.set(new FaultProxy.Mode.Pass());
      assertThat(read(socket.getInputStream(), 5)).isEqualTo("hello");
    }
  }

  @Test
  void a_reset_on_connect_is_an_error_and_no_end() throws IOException {
    proxy.set(new FaultProxy.Mode.ResetOnConnect());
    try (Socket socket = connect()) {
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void a_cut_lets_so_many_bytes_through_and_resets_both_sides() throws IOException {
    proxy.set(new FaultProxy.Mode.CutAfter(3));
    try (Socket socket = connect()) {
      socket.getOutputStream().write(new byte[] {'a', 'b', 'c', 'd', 'e'});
      assertThat(read(socket.getInputStream(), 3)).isEqualTo("abc");
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    Eventually.until("server sees it", DEADLINE, () -> serverEnds.get() == 1);
  }

  @Test
  void a_stall_stops_after_so_many_bytes_and_the_connection_stays_open() throws IOException {
    proxy.set(new FaultProxy.Mode.StallAfter(2));
    try (Socket socket = connect()) {
      socket.getOutputStream().write(new byte[] {'a', 'b', 'c'});
      assertThat(read(socket.getInputStream(), 2)).isEqualTo("ab");
      socket.setSoTimeout(SHORT_MILLIS);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      assertThat(proxy.open()).isEqualTo(1);
      socket.setSoTimeout(LONG_MILLIS);
      proxy.set(new FaultProxy.Mode.Pass());
      assertThat(read(socket.getInputStream(), 1)).isEqualTo("c");
    }
  }

  @Test
  void slow_chunks_take_their_time() throws IOException {
    try (Socket socket = connect()) {
      assertThat(exchange(socket, "a")).isEqualTo("a");
      proxy.set(new FaultProxy.Mode.Slow(Duration.ofMillis(120)));
      socket.setSoTimeout(40);
      assertThatThrownBy(() -> exchange(socket, "b")).isInstanceOf(SocketTimeoutException.class);
      socket.setSoTimeout(LONG_MILLIS);
      assertThat(read(socket.getInputStream(), 1)).isEqualTo("b");
    }
  }

  @Test
  void a_half_close_ends_the_response_in_good_order() throws IOException {
    proxy.set(new FaultProxy.Mode.HalfCloseAfter(4));
    try (Socket socket = connect()) {
      socket.getOutputStream().write(new byte[] {'a', 'b', 'c', 'd', 'e'});
      assertThat(read(socket.getInputStream(), 4)).isEqualTo("abcd");
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      socket.getOutputStream().write('f');
      assertThat(proxy.open()).isEqualTo(1);
    }
    Eventually.until("closed", DEADLINE, () -> proxy.open() == 0);
  }

  @Test
  void open_connections_can_be_cut_at_once_and_a_closed_proxy_refuses() throws IOException {
    try (Socket socket = connect()) {
      assertThat(exchange(socket, "hi")).isEqualTo("hi");
      proxy.cutAll();
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    proxy.close();
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    Eventually.until("all closed", DEADLINE, () -> proxy.open() == 0);
  }

  @Test
  void a_client_that_leaves_is_seen_by_the_server() throws IOException {
    try (Socket socket = connect()) {
      assertThat(exchange(socket, "hi")).isEqualTo("hi");
    }
    Eventually.until("server sees it", DEADLINE, () -> serverEnds.get() == 1);
    Eventually.until("closed", DEADLINE, () -> proxy.open() == 0);
  }
}
