package dev.tutti.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tutti.core.Bytes;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Health;
import dev.tutti.fleet.ModelFacts;
import dev.tutti.fleet.ModelType;
import dev.tutti.fleet.NodeRole;
import dev.tutti.wire.node.Backend;
import dev.tutti.wire.node.Hardware;
import dev.tutti.wire.node.Model;
import dev.tutti.wire.node.NodeReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ReportCodecTest {
  private static NodeReport.Builder named(String name) {
    return NodeReport.newBuilder().addBackends(Backend.newBuilder().setName(name));
  }

  @Test
  void a_report_survives_the_wire() throws InvalidProtocolBufferException {
    dev.tutti.link.NodeReport report = TestMesh.report("ollama", "llama-server");
    byte[] bytes = ReportCodec.write(report).toByteArray();
    assertThat(ReportCodec.read(NodeReport.parseFrom(bytes))).isEqualTo(report);
  }

  @Test
  void each_health_survives_the_wire() {
    for (Health health : new Health[] {Health.UP, Health.SUSPECT, Health.BUSY, Health.DOWN}) {
      var backend = TestMesh.report("a").backends().getFirst();
      var changed =
          new dev.tutti.link.NodeReport.Backend(
              backend.name(), backend.url(), backend.facts(), health, "why", backend.addressKeys());
      var report =
          new dev.tutti.link.NodeReport(
              "h", NodeRole.LLM_WORKER, dev.tutti.fleet.Hardware.UNKNOWN, List.of(changed));
      assertThat(ReportCodec.read(ReportCodec.write(report))).isEqualTo(report);
    }
  }

  @Test
  void words_of_a_later_version_get_the_nearest_meaning() {
    var message =
        named("new")
            .setRole("quantum_worker")
            .setBackends(
                0,
                Backend.newBuilder()
                    .setName("new")
                    .setKind("newer-engine")
                    .addModels(Model.newBuilder().setName("m").setType("smell")))
            .build();
    var report = ReportCodec.read(message);
    assertThat(report.role()).isEqualTo(NodeRole.LLM_WORKER);
    assertThat(report.backends().getFirst().facts().kind()).isEqualTo(BackendKind.OPENAI);
    assertThat(report.backends().getFirst().facts().models().getFirst().type())
        .isEqualTo(ModelType.TEXT);
  }

  @Test
  void nonsense_numbers_are_unknown() {
    var message =
        NodeReport.newBuilder()
            .setHardware(Hardware.newBuilder().setRamTotalBytes(Long.MIN_VALUE).setCores(-1))
            .addBackends(Backend.newBuilder().setName("a").setSlots(2_000_000_000))
            .build();
    var report = ReportCodec.read(message);
    assertThat(report.hardware().ramTotal()).isEqualTo(Bytes.UNKNOWN);
    assertThat(report.hardware().cores()).isZero();
    assertThat(report.backends().getFirst().facts().slots())
        .isEqualTo(LinkLimits.MAX_SLOTS_PER_NODE);
  }

  @Test
  void texts_are_cut_and_cannot_paint_a_terminal() {
    var message = named("a").setHost("\u001b[31m" + "x".repeat(10_000)).build();
    assertThat(ReportCodec.read(message).host())
        .hasSize(ReportCodec.MAX_TEXT_CHARS)
        .startsWith(" [31mxxx");
  }

  @Test
  void too_many_models_for_a_message_are_left_out_but_not_the_loaded_ones() {
    var backends = new ArrayList<dev.tutti.link.NodeReport.Backend>();
    var proto = TestMesh.report("a").backends().getFirst();
    ModelFacts loaded = proto.facts().models().getFirst();
    for (int b = 0; b < 10; b++) {
      var models = new ArrayList<ModelFacts>();
      for (int m = 0; m < 1_999; m++) {
        models.add(named(loaded, "model-" + m, ModelFacts.Loaded.NOT));
      }
      models.add(loaded);
      var facts = new BackendFacts(BackendKind.OLLAMA, "1", 1, models, false);
      backends.add(
          new dev.tutti.link.NodeReport.Backend("b" + b, "", facts, Health.UP, "", Set.of()));
    }
    var report =
        new dev.tutti.link.NodeReport(
            "h", NodeRole.LLM_WORKER, dev.tutti.fleet.Hardware.UNKNOWN, backends);
    NodeReport message = ReportCodec.writeFitting(report);
    assertThat(message.getSerializedSize()).isLessThan(LinkLimits.MAX_MESSAGE_BYTES);
    assertThat(ReportCodec.read(message).backends())
        .hasSize(10)
        .allSatisfy(backend -> {
          assertThat(backend.facts().models()).hasSizeGreaterThan(100).contains(loaded);
        });
  }

  private static ModelFacts named(ModelFacts model, String name, ModelFacts.Loaded loaded) {
    return new ModelFacts(
        new ModelName(name),
        model.type(),
        model.size(),
        model.digest(),
        model.contextTokens(),
        loaded,
        model.capabilities(),
        model.details(),
        model.modifiedAt());
  }

  @Test
  void a_report_that_cannot_be_right_is_refused() {
    refuses(named("../x").build());
    refuses(named("a").addBackends(Backend.newBuilder().setName("a")).build());
    refuses(
        NodeReport.newBuilder()
            .addBackends(
                Backend.newBuilder().setName("a").addModels(Model.newBuilder().setName("")))
            .build());
    var tooManyBackends = NodeReport.newBuilder();
    for (int i = 0; i <= LinkLimits.MAX_BACKENDS_PER_NODE; i++) {
      tooManyBackends.addBackends(Backend.newBuilder().setName("b" + i));
    }
    refuses(tooManyBackends.build());
    var tooManyModels = Backend.newBuilder().setName("a");
    for (int i = 0; i <= 2_000; i++) {
      tooManyModels.addModels(Model.newBuilder().setName("m" + i));
    }
    refuses(NodeReport.newBuilder().addBackends(tooManyModels).build());
  }

  private static void refuses(NodeReport message) {
    assertThatThrownBy(() -> ReportCodec.read(message)).isInstanceOf(MeshException.class);
  }
}
