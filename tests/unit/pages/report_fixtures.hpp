#pragma once

#include <openssl/evp.h>
#include <zlib.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pages/report/blocks.hpp"
#include "results/merged/results.hpp"
#include "unit/results/results_fixtures.hpp"

namespace varia::report {

/// What base64 text stands for.
inline std::string bytes_of_base64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) throw std::runtime_error("this is no base64");
  bytes.resize(bytes.size() - std::count(text.begin(), text.end(), '='));
  return bytes;
}

/// The numbers of a block, as the page reads them.
template <class Number>
std::vector<Number> numbers_of(const Blocks& blocks, const nlohmann::json& reference) {
  const auto packed = bytes_of_base64(blocks.texts().at(reference.at("block").get<std::size_t>()));
  const auto count = reference.at("count").get<std::size_t>();
  std::string bytes(count * sizeof(Number) + 1, '\0');
  uLongf size = bytes.size();
  if (uncompress(reinterpret_cast<Bytef*>(bytes.data()), &size,
                 reinterpret_cast<const Bytef*>(packed.data()), packed.size()) != Z_OK ||
      size != count * sizeof(Number))
    throw std::runtime_error("a block has another size than it says");
  std::vector<Number> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    char one[sizeof(Number)];
    for (std::size_t byte = 0; byte < sizeof(Number); ++byte) one[byte] = bytes[byte * count + i];
    std::memcpy(&numbers[i], one, sizeof(Number));
  }
  return numbers;
}

/// The value of a coded column for one trial.
inline nlohmann::json coded_value(const nlohmann::json& column, std::size_t trial) {
  return column.at("values").at(
      column.contains("index") ? column["index"].at(trial).get<std::size_t>() : 0);
}

/// A folder with a merged file of two settings (loss.beta 1 and 4) with two seeds each; the last
/// trial failed after two of its three epochs. Each has a view of two epochs and a scatter plot.
struct Sweep {
  results::TemporaryFolder folder;

  Sweep() : Sweep("sweep", {}) {}
  Sweep(const std::string& name, const std::string& text_parameter) {
    std::vector<results::PlannedTrial> plan;
    for (int number = 0; number < 4; ++number) {
      const auto id = "000000000000000" + std::to_string(number);
      plan.push_back({id, folder / (id + ".h5")});
      auto header = results::header_of(id, number < 2 ? 1 : 4);
      header.replicate = number % 2;
      header.seed += static_cast<std::uint64_t>(number % 2);
      if (!text_parameter.empty())
        header.parameters.push_back({"model.text", text_parameter, true});
      header.metrics["validation/elbo"] = {
          .units = "nats", .bound = "log p(x)", .better = Better::higher};
      results::TrialFile file(results::working(plan.back().path), header);
      const bool fails = number == 3;
      for (std::int64_t epoch = 1; epoch <= (fails ? 2 : 3); ++epoch) {
        auto record = results::record_of(epoch, -100 - 10 * number);
        record.metrics["validation"]["elbo"] = results::Array::scalar(-90 - 10.0 * number + epoch);
        record.metrics["test"]["elbo_per_image"] = {{2}, {-90, -110}};
        file.append(record);
      }
      for (const std::int64_t epoch : {1, 3})
        file.add_picture("samples", {1, 1, 8, 8, 0}, results::picture_of(epoch, 8, 8 + number));
      file.add_points("plane", results::points_of(3, 10));
      file.publish(fails ? results::TrialState::failed : results::TrialState::done,
                   fails ? "the loss is nan" : "", plan.back().path, true);
    }
    auto info = results::experiment_info();
    info.name = name;
    results::merge(info, plan, path(), {});
  }

  std::string path() const { return folder / "sweep.h5"; }
  std::vector<results::Results> files() const {
    std::vector<results::Results> files;
    files.push_back(results::open_results(path()));
    return files;
  }
};

}  // namespace varia::report
