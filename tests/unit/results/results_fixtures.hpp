#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "results/file_frame.hpp"
#include "results/merged/merge.hpp"
#include "results/trial/trial_file.hpp"
#include "results/trial/trial_reader.hpp"
#include "support/contains.hpp"
#include "support/temporary_folder.hpp"
#include "varia/error.hpp"

// How a failed comparison shows values.

namespace varia {
inline std::ostream& operator<<(std::ostream& stream, const StepValue& step) {
  return stream << step.step << ": " << step.value;
}
}  // namespace varia

namespace varia::results {

using varia::contains;

inline const double kNaN = std::numeric_limits<double>::quiet_NaN();

inline std::ostream& operator<<(std::ostream& stream, const Array& array) {
  for (const double value : array.values) stream << value << " ";
  return stream;
}
inline std::ostream& operator<<(std::ostream& stream, const View& view) {
  return stream << view.pictures.size() << " pictures";
}
inline std::ostream& operator<<(std::ostream& stream, const Parameter& parameter) {
  return stream << parameter.key;
}
inline std::ostream& operator<<(std::ostream& stream, const Picture& picture) {
  return stream << picture.title << " " << picture.height << " x " << picture.width;
}
inline std::ostream& operator<<(std::ostream& stream, const Points& points) {
  return stream << "epoch " << points.epoch << ", " << points.labels.size() << " points";
}

inline std::ostream& operator<<(std::ostream& stream, const TrialInfo& info) {
  return stream << info.id << " " << info.epochs_done << " " << info.error;
}

/// With paths as text, which the store takes.
class TemporaryFolder : public varia::testing::TemporaryFolder {
 public:
  std::string operator/(const std::string& name) const { return (path_of() / name).string(); }
  std::string path() const { return path_of().string(); }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_of())) {
      if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  const std::filesystem::path& path_of() const { return varia::testing::TemporaryFolder::path(); }
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Gives a file that was changed the checksum of its content, as someone would who wants it to be
/// believed.
inline void seal(const std::string& path) {
  if (is_intact(path)) std::filesystem::resize_file(path, bytes_of(path).size() - kEndSize);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  const std::string end = end_bytes(file, bytes_of(path).size());
  write_at(file, bytes_of(path).size(), end.data(), end.size());
  ::close(file);
}

/// The message of the error that `call` throws; "" if it throws none.
template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline TrialHeader header_of(const std::string& id, double beta = 1, std::int64_t epochs = 3) {
  TrialHeader header;
  header.id = id;
  header.experiment = "sweep";
  header.seed = 0xfedcba9876543210U;
  header.replicate = 2;
  header.host = "host";
  header.cpu = "cpu \xC3\xA9";
  header.versions.varia = "0.1.0";
  header.config = "loss: {use: elbo}\n";
  header.parameters = {{"loss.beta", beta, true}, {"data.use", std::string("mnist"), false}};
  header.target_epochs = epochs;
  header.metrics["test/elbo"] = {.units = "nats", .bound = "log p(x)", .better = Better::higher};
  header.metrics["test/kl_per_dim_z"] = {.units = "nats", .axes = {"latent"}};
  return header;
}

inline EpochRecord record_of(std::int64_t epoch, double elbo = -100, std::size_t latents = 2) {
  EpochRecord record;
  record.epoch = epoch;
  record.seconds = 0.5 * static_cast<double>(epoch);
  const auto e = static_cast<double>(epoch);
  record.metrics["train"]["loss"] = Array::scalar(200 - e);
  record.metrics["test"]["elbo"] = Array::scalar(elbo + e);
  Array dims{{static_cast<std::int64_t>(latents)}, {}};
  for (std::size_t i = 0; i < latents; ++i) dims.values.push_back(e + 0.1 * static_cast<double>(i));
  record.metrics["test"]["kl_per_dim_z"] = dims;
  record.schedules["loss.beta"] = e / 10;
  record.steps["train_loss"] = {{10 * epoch, 5.0 + e}, {10 * epoch + 5, 6.0 + e}};
  return record;
}

inline Picture picture_of(std::int64_t epoch, std::int64_t height, std::int64_t width,
                          std::int64_t channels = 1) {
  Picture picture{epoch, height, width, channels, {}, "epoch " + std::to_string(epoch)};
  for (std::int64_t i = 0; i < height * width * channels; ++i) {
    picture.pixels.push_back(static_cast<std::uint8_t>(i * 7 + epoch));
  }
  return picture;
}

/// The same in colours with every kind of label.
inline Picture labelled_picture_of(std::int64_t epoch, std::int64_t height, std::int64_t width) {
  Picture picture = picture_of(epoch, height, width, 3);
  // Numbers that have no short text, and text that JSON has to escape.
  picture.labels = {.rows = {"0: 1.25 nats", "\"\xce\xb2\""},
                    .columns = {"-3"},
                    .x = PlotAxis{-1.0 / 3, 1e-300, "dimension 0"},
                    .y = PlotAxis{0, 1, ""},
                    .colours = ColourBar{"nats", {{0, 128, 255}}, {0.1, 2.0 / 3}},
                    .tiles = {{"a", ""}, {"b \"c\"", "d"}}};
  return picture;
}

inline Points points_of(std::int64_t epoch, std::int64_t count) {
  Points points;
  points.epoch = epoch;
  points.classes = {{0, "cat, 3 \"dogs\""}, {8, "\xce\xb2"}};
  points.axes = {"\"\xce\xb2\" [nats]", ""};
  for (std::int64_t i = 0; i < count; ++i) {
    points.xy.push_back(static_cast<float>(i) + 0.25F);
    points.xy.push_back(-static_cast<float>(i));
    points.labels.push_back(i % 10 - 1);
  }
  return points;
}

/// Where a trial is written while it is in progress.
inline std::string working(const std::string& path) { return path + ".working"; }

/// A trial of some epochs, committed; `done` unless said otherwise.
inline void write_trial(const std::string& path, const TrialHeader& header, std::int64_t epochs,
                        TrialState status = TrialState::done) {
  TrialFile file(status == TrialState::partial ? path : working(path), header);
  for (std::int64_t epoch = 1; epoch <= epochs; ++epoch) file.append(record_of(epoch));
  if (status == TrialState::partial) {
    file.commit();
  } else {
    file.publish(status, status == TrialState::failed ? "loss is nan" : "", path, true);
  }
}

inline ExperimentInfo experiment_info() {
  return {"sweep", "name: sweep\n", "2026-01-02T03:04:05Z", "host", "varia 0.1.0", "elbo 1.0.0"};
}

}  // namespace varia::results
