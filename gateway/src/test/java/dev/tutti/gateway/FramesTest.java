package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.fleet.FleetView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Floods of HTTP/2 frames at the port for gRPC: the connection is lost, and nobody else's is.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FramesTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int WINDOW = 8;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  /// `:method POST`, `:scheme http`, `:path /`, from the static table.
  private static final byte[] REQUEST = {(byte) 0x83, (byte) 0x86, (byte) 0x84};

  private static final byte[] EIGHT = new byte[8];

  private final Rig rig =
      new Rig(
          FleetView.EMPTY,
          GatewayLimits.DEFAULT.with(
              GatewayLimits.DEFAULT.connections().withIdle(Duration.ofSeconds(3))));

  @AfterAll
  void close() {
    rig.close();
  }

  enum Flood {
    RAPID_RESETS,
    SETTINGS_WITHOUT_END,
    PINGS_WITHOUT_END,
    CONTINUATIONS_WITHOUT_END,
    HEADERS_WITHOUT_END,
    EMPTY_DATA,
    NO_SETTINGS,
    AN_ENDLESS_FRAME,
    A_WINDOW_OF_NOTHING,
    A_STREAM_FROM_BELOW,
    NOTHING_AFTER_SETTINGS
  }

  private static byte[] frames(Flood flood) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    if (flood == Flood.NO_SETTINGS) {
      return bytes.toByteArray();
    }
    frame(bytes, SETTINGS, 0, 0, new byte[0]);
    switch (flood) {
      case RAPID_RESETS -> {
        for (int i = 0; i < 2_000; i++) {
          frame(bytes, HEADERS, END_HEADERS, 2 * i + 1, REQUEST);
          frame(bytes, RESET, 0, 2 * i + 1, new byte[4]);
        }
      }
      case SETTINGS_WITHOUT_END -> repeat(bytes, 60_000, SETTINGS, 0, 0, new byte[0]);
      case PINGS_WITHOUT_END -> repeat(bytes, 60_000, PING, 0, 0, EIGHT);
      case CONTINUATIONS_WITHOUT_END -> {
        frame(bytes, HEADERS, 0, 1, REQUEST);
        repeat(bytes, 60_000, CONTINUATION, 0, 1, new byte[0]);
      }
      case HEADERS_WITHOUT_END -> {
        frame(bytes, HEADERS, 0, 1, REQUEST);
        repeat(bytes, 100, CONTINUATION, 0, 1, literals());
      }
      case EMPTY_DATA -> {
        frame(bytes, HEADERS, END_HEADERS, 1, REQUEST);
        repeat(bytes, 60_000, DATA, 0, 1, new byte[0]);
      }
      case AN_ENDLESS_FRAME -> bytes.writeBytes(new byte[] {-1, -1, -1, DATA, 0, 0, 0, 0, 1});
      case A_WINDOW_OF_NOTHING -> frame(bytes, WINDOW, 0, 0, new byte[4]);
      case A_STREAM_FROM_BELOW -> {
        frame(bytes, HEADERS, END_HEADERS | END_STREAM, 5, REQUEST);
        frame(bytes, HEADERS, END_HEADERS | END_STREAM, 4, REQUEST);
      }
      case NOTHING_AFTER_SETTINGS, NO_SETTINGS -> {
        // Silence.
      }
    }
    return bytes.toByteArray();
  }

  /// New headers of one letter: each is kept by whoever keeps them.
  private static byte[] literals() {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < 1_000; i++) {
      bytes.writeBytes(new byte[] {0, 1, 'x', 1, 'y'});
    }
    return bytes.toByteArray();
  }

  private static void repeat(
      ByteArrayOutputStream bytes, int times, int type, int flags, int stream, byte[] payload) {
    for (int i = 0; i < times; i++) {
      frame(bytes, type, flags, stream, payload);
    }
  }

  private static void frame(
      ByteArrayOutputStream bytes, int type, int flags, int stream, byte[] payload) {
    int length = payload.length;
    bytes.write(length >> 16);
    bytes.write(length >> 8);
    bytes.write(length);
    bytes.write(type);
    bytes.write(flags);
    bytes.write(stream >> 24);
    bytes.write(stream >> 16);
    bytes.write(stream >> 8);
    bytes.write(stream);
    bytes.writeBytes(payload);
  }

  @ParameterizedTest
  @EnumSource
  void a_flood_of_frames_ends_its_connection_and_no_other(Flood flood) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.grpcPort()), 5_000);
      socket.setSoTimeout(15_000);
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  socket.getOutputStream().write(frames(flood));
                } catch (IOException _) {
                  // It is closed already.
                }
              });
      assertThat(ends(socket)).as("the connection's end").isTrue();
      writer.interrupt();
    }
    assertThat(rig.get("/health").statusCode()).isEqualTo(200);
    try (var next = new Socket()) {
      next.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.grpcPort()), 5_000);
      next.setSoTimeout(5_000);
      next.getOutputStream().write(frames(Flood.NOTHING_AFTER_SETTINGS));
      assertThat(next.getInputStream().readNBytes(9)).as("the hub's settings").hasSize(9);
    }
  }

  private static boolean ends(Socket socket) {
    var bytes = new byte[64 * 1_024];
    try {
      while (socket.getInputStream().read(bytes) >= 0) {
        // Whatever it says.
      }
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }
}
