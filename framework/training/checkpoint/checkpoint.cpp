#include "training/checkpoint/checkpoint.hpp"

#include <filesystem>
#include <system_error>

#include "files/whole_file.hpp"
#include "training/checkpoint/checkpoint_codec.hpp"

namespace varia::training {

namespace {

/// Writes or reads the content, in the order of the file.
template <class Archive, class C>
void transfer(Archive& archive, C& c) {
  archive(c.trial, c.fingerprint, c.step, c.records);
  archive(c.record.seconds, c.record.means, c.record.steps, c.record.metrics);
  archive(c.components.tensors, c.components.optimizers);
  archive(c.kept.epoch, c.kept.value, c.kept.tensors);
  archive(c.stopping.waited, c.stopping.best.epoch, c.stopping.best.value, c.stopping.best.tensors);
  archive(c.measured);
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  CheckpointWriter out;
  transfer(out, checkpoint);
  // A crash between the two leaves the previous one.
  std::error_code not_there;
  std::filesystem::rename(path, path + ".previous", not_there);
  files::write_whole_file(path, out.sealed());
}

Checkpoint read_checkpoint(const std::string& path, std::uint64_t limit) {
  CheckpointReader in(path, files::read_whole_file(path, limit));
  Checkpoint checkpoint;
  transfer(in, checkpoint);
  in.expect_end();
  return checkpoint;
}

}  // namespace varia::training
