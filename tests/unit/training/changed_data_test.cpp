#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "trial_runs.hpp"

using namespace varia;
using namespace varia::test;
using namespace varia::training;

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t kImages = 600, kSide = 16;

/// An IDX file of images; the first pixel of each is `first`.
void write_images(const fs::path& file, char first) {
  std::string bytes{'\0', '\0', '\x08', '\3'};
  for (const auto size : {kImages, kSide, kSide})
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  for (std::uint32_t i = 0; i < kImages; ++i)
    bytes += first + std::string(kSide * kSide - 1, static_cast<char>(i % 100));
  std::ofstream(file, std::ios::binary) << bytes;
}

/// @param change what happens after the first step
TrialOutcome outcome(const std::function<void(const fs::path& file)>& change) {
  const varia::testing::TemporaryFolder folder;
  const auto file = folder / "images";
  write_images(file, 7);
  TrialRuns runs("data: {use: idx, images: " + file.string() +
                 ", batch: 100}\n"
                 "model: {use: mlp_vae, hidden: [8], latent: 2}\n"
                 "loss: {use: elbo}\n"
                 "optimizer: {use: adam}\n"
                 "train: {epochs: 2, threads: 1}\n");
  return runs
      .run([&](std::int64_t step) {
        if (step == 1) change(file);
      })
      .outcome;
}

}  // namespace

TEST_CASE("a trial whose data stay as they are is published") {
  CHECK(outcome([](const fs::path&) {}).end == TrialEnd::done);
  // The same bytes at another time.
  CHECK(outcome([](const fs::path& file) {
          fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
        }).end == TrialEnd::done);
}

TEST_CASE("a trial whose data change while it is trained fails") {
  const auto changed = outcome([](const fs::path& file) { write_images(file, 9); });
  CHECK(changed.end == TrialEnd::failed);
  CHECK(changed.error.find("the data changed while the trial was trained") == 0);
  // Another file of that name; the mapped one is still there.
  const auto replaced = outcome([](const fs::path& file) {
    const fs::path other = file.string() + ".new";
    write_images(other, 9);
    fs::rename(other, file);
  });
  CHECK(replaced.end == TrialEnd::failed);
  const auto removed = outcome([](const fs::path& file) { fs::remove(file); });
  CHECK(removed.end == TrialEnd::failed);
  CHECK(removed.error.find("No such file") != std::string::npos);
}

TEST_CASE("a file of images that is cut short while it is read fails the trial, not the process") {
  const auto cut = outcome([](const fs::path& file) { fs::resize_file(file, 1 << 14); });
  CHECK(cut.end == TrialEnd::failed);
  CHECK(cut.error.find("images: was cut short while it was in use.") != std::string::npos);
}
