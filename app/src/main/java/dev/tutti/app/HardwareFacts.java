package dev.tutti.app;

import dev.tutti.core.Bytes;
import dev.tutti.fleet.Hardware;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.GraphicsCard;

/// What this machine is made of, by oshi. Reading blocks for up to a second the first time: never
/// call it on an event loop.
final class HardwareFacts {
  private static final Logger LOG = LoggerFactory.getLogger(HardwareFacts.class);

  private final SystemInfo system = new SystemInfo();
  private Hardware still = Hardware.UNKNOWN;

  /// Everything, with the free memory of this moment. A machine that hides something is described
  /// as far as it lets itself be.
  synchronized Hardware read() {
    try {
      GlobalMemory memory = system.getHardware().getMemory();
      if (still.equals(Hardware.UNKNOWN)) {
        still = readStill(memory);
      }
      return new Hardware(
          still.cpu(),
          still.cores(),
          still.architecture(),
          still.os(),
          still.ramTotal(),
          new Bytes(Math.max(0, memory.getAvailable())),
          still.gpu(),
          still.vram());
    } catch (RuntimeException | LinkageError e) {
      LOG.warn("Hardware could not be read. cause={}", e.toString());
      return still;
    }
  }

  private Hardware readStill(GlobalMemory memory) {
    CentralProcessor processor = system.getHardware().getProcessor();
    var total = new Bytes(memory.getTotal());
    String cpu = processor.getProcessorIdentifier().getName().strip();
    String gpu = "";
    var vram = Bytes.UNKNOWN;
    if (cpu.startsWith("Apple")) {
      gpu = cpu + " GPU";
      vram = total; // unified: the GPU sees all of it
    } else {
      for (GraphicsCard card : realCards()) {
        if (gpu.isEmpty() || card.getVRam() > vram.value()) {
          gpu = card.getName().strip();
          vram = card.getVRam() > 0 ? new Bytes(card.getVRam()) : Bytes.UNKNOWN;
        }
      }
    }
    return new Hardware(
        cpu,
        processor.getLogicalProcessorCount(),
        System.getProperty("os.arch", ""),
        System.getProperty("os.name", ""),
        total,
        Bytes.UNKNOWN,
        gpu,
        vram);
  }

  /// Without the emulated adapters of virtual machines and management boards, which compute
  /// nothing.
  private List<GraphicsCard> realCards() {
    return system.getHardware().getGraphicsCards().stream()
        .filter(card -> {
          String name = (card.getVendor() + " " + card.getName()).toLowerCase(Locale.ROOT);
          return !name.contains("aspeed")
              && !name.contains("matrox")
              && !name.contains("cirrus")
              && !name.contains("qxl")
              && !name.contains("vmware")
              && !name.contains("virtio")
              && !name.contains("bochs");
        })
        .toList();
  }
}
