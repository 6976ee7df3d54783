#include <ATen/Functions.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/test_share.hpp"
#include "varia/data_folder.hpp"
#include "varia/dataset.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/plugin.hpp"
#include "varia/sha256.hpp"

// How often each word occurs in sayings: counts, as models of topics take them.

namespace {

using namespace varia;

struct FortunesParams final : DatasetParams {
  Integer sayings{this,
                  "sayings",
                  20,
                  {1, 10'000},
                  "In how many sayings a word occurs at least; rarer ones are left out."};
  Integer words{this,
                "words",
                10,
                {1, 1000},
                "How many words a saying has at least; shorter ones are left out."};
  Real test{this,
            "test",
            0.2,
            {0.0, 0.9},
            "The part of the sayings that is set aside as the test split, by split_seed."};

  std::string default_likelihood() const override { return "multinomial"; }
};

/// The words of a saying: runs of at least three letters, in lower case.
std::vector<std::string> words_of(std::string_view text) {
  constexpr std::size_t kShortest = 3;
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (word.size() >= kShortest) words.push_back(word);
    word.clear();
  };
  for (const char letter : text) {
    const bool is_upper = letter >= 'A' && letter <= 'Z';
    if (is_upper || (letter >= 'a' && letter <= 'z'))
      word += is_upper ? static_cast<char>(letter - 'A' + 'a') : letter;
    else
      finish();
  }
  finish();
  return words;
}

/// The texts between lines of a single %.
std::vector<std::string_view> sayings_of(std::string_view text) {
  constexpr std::string_view kBetween = "\n%\n";
  std::vector<std::string_view> sayings;
  while (!text.empty()) {
    const auto end = std::min(text.find(kBetween), text.size());
    sayings.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + kBetween.size(), text.size()));
  }
  return sayings;
}

class Fortunes final : public Dataset {
 public:
  using Params = FortunesParams;
  explicit Fortunes(const Params& params) : params_(params) {}

  std::shared_ptr<const Samples> load(std::string_view split) override {
    if (!train_) {
      train_ = counted();
      if (params_.test() > 0) {
        const auto share = datasets::set_test_aside(train_->size(), params_.test, params_);
        test_ = std::make_shared<SubsetSamples>(train_, share.test);
        train_ = std::make_shared<SubsetSamples>(train_, share.train);
      }
    }
    return split == "train" ? train_ : test_;
  }

  std::string digest() override { return digest_of_files(files()); }

 private:
  static const std::vector<std::string>& topics() {
    static const std::vector<std::string> names = {
        "art",      "computers", "definitions", "food",     "law",    "linux", "people",
        "politics", "science",   "songs-poems", "startrek", "wisdom", "work"};
    return names;
  }

  static std::vector<std::filesystem::path> files() {
    const auto folder = require_data("fortunes", topics());
    std::vector<std::filesystem::path> paths;
    for (const auto& topic : topics()) paths.push_back(folder / topic);
    return paths;
  }

  std::shared_ptr<const Samples> counted() const {
    std::vector<std::vector<std::string>> texts;
    std::vector<std::int64_t> labels;
    std::map<std::string, std::int64_t> in_sayings;
    for (const auto& path : files()) {
      const MappedFile file(path);
      const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
      const auto label = static_cast<std::int64_t>(
          std::ranges::find(topics(), path.filename().string()) - topics().begin());
      for (const auto saying : sayings_of(text)) {
        auto words = words_of(saying);
        for (const auto& word : std::set<std::string>(words.begin(), words.end()))
          ++in_sayings[word];
        texts.push_back(std::move(words));
        labels.push_back(label);
      }
      require_whole(file.data());
    }

    std::erase_if(in_sayings, [&](const auto& word) { return word.second < params_.sayings(); });
    std::map<std::string_view, std::int64_t> places;
    Annotations annotations;
    for (const auto& [word, count] : in_sayings) {
      places.emplace(word, static_cast<std::int64_t>(places.size()));
      annotations.features.push_back(word);
    }
    const auto vocabulary = static_cast<std::int64_t>(places.size());
    if (vocabulary == 0)
      throw ConfigError(params_.sayings.where(), "sayings: no word is in so many.");

    std::vector<Tensor> rows;
    std::vector<std::int64_t> kept;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto row = at::zeros({vocabulary}, at::kFloat);
      auto* const counts = row.data_ptr<float>();
      std::int64_t words = 0;
      for (const auto& word : texts[i])
        if (const auto place = places.find(word); place != places.end()) {
          ++counts[place->second];
          ++words;
        }
      if (words < params_.words()) continue;
      rows.push_back(row);
      kept.push_back(labels[i]);
    }
    if (rows.empty()) throw ConfigError(params_.words.where(), "words: no saying has so many.");
    annotations.blocks = {{Domain::count, vocabulary}};
    annotations.labels = at::tensor(kept, at::kLong);
    annotations.class_names = topics();
    return std::make_shared<MemorySamples>(at::stack(rows), std::move(annotations));
  }

  const Params& params_;
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;  // null if there is none
};

}  // namespace

VARIA_PLUGIN("fortunes", "1.0.0") {
  registry.add<Fortunes>("fortunes", "Counts of words in the sayings of Debian's fortunes.");
}
