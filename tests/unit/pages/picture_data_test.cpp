#include "pages/report/picture_data.hpp"

#include <cmath>
#include <numeric>
#include <set>
#include <sstream>

#include "pictures/encode.hpp"
#include "support/catch.hpp"
#include "unit/pages/report_fixtures.hpp"

using namespace varia;
using namespace varia::report;

namespace {

std::vector<std::string> lines_of(const Blocks& blocks, std::size_t block) {
  std::istringstream stream(blocks.texts().at(block));
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("what is kept first of many epochs stays spread") {
  CHECK(spread_ranks(0).empty());
  CHECK(spread_ranks(1) == std::vector<std::size_t>{0});
  CHECK(spread_ranks(2) == std::vector<std::size_t>{1, 0});
  CHECK(spread_ranks(5) == std::vector<std::size_t>{1, 3, 2, 4, 0});
}

TEST_CASE("points that are kept of many leave no label out") {
  CHECK(spread_choice(0, 0).empty());
  CHECK(spread_choice(1, 1) == std::vector<std::size_t>{0});
  std::vector<std::size_t> all(7);
  std::iota(all.begin(), all.end(), std::size_t{0});
  CHECK(spread_choice(7, 7) == all);
  for (const std::size_t total : {12000, 9973, 65536}) {
    const auto chosen = spread_choice(total, 2000);
    CHECK(std::set<std::size_t>(chosen.begin(), chosen.end()).size() == 2000);
    for (const std::size_t labels : {2, 3, 6, 10}) {
      std::vector<int> counts(labels, 0);
      for (const auto i : chosen) ++counts[i % labels];
      const auto expected = 2000.0 / static_cast<double>(labels);
      for (const auto count : counts) CHECK(std::abs(count - expected) < 0.1 * expected);
    }
  }
}

TEST_CASE("pictures are PNG of exactly the pixels in the results") {
  const Sweep sweep;
  const auto files = sweep.files();
  Blocks blocks;
  const auto data = picture_data(files, 1 << 20, blocks);
  CHECK(data["kept"] == 4 * 2 + 4);
  CHECK(data["left_out"] == 0);
  REQUIRE(data["views"].size() == 1);
  const auto& view = data["views"][0];
  CHECK(view["name"] == "samples");
  CHECK(view["left_out"] == 0);
  const auto& trial = view["trials"]["2"];
  CHECK(trial["frames"] ==
        nlohmann::json::parse(R"([[1, 10, 8, "epoch 1"], [3, 10, 8, "epoch 3"]])"));
  const auto lines = lines_of(blocks, trial["block"]);
  REQUIRE(lines.size() == 2);
  const auto picture = results::picture_of(3, 8, 10);
  CHECK(bytes_of_base64(lines[1]) == pictures::encode_png({8, 10, 1, picture.pixels}));
}

TEST_CASE("scatter plots keep their labels and places") {
  const Sweep sweep;
  const auto files = sweep.files();
  Blocks blocks;
  const auto data = picture_data(files, 1 << 20, blocks);
  const auto& plot = data["points"][0]["trials"]["0"][0];
  CHECK(plot["epoch"] == 3);
  CHECK(plot["total"] == 10);
  const auto points = results::points_of(3, 10);
  CHECK(plot["axes"] == points.axes);
  CHECK(numbers_of<float>(blocks, plot["xy"]) == points.xy);
  CHECK(numbers_of<double>(blocks, plot["label"]) ==
        std::vector<double>(points.labels.begin(), points.labels.end()));
}

TEST_CASE("views stand in the order in which the experiment names them") {
  const results::TemporaryFolder folder;
  const auto path = folder / "a.h5";
  results::TrialFile file(results::working(path), results::header_of("a", 1));
  for (const auto* name : {"a", "b", "c", "d"}) {
    file.add_picture(name, {1, 1, 8, 8, 0}, results::picture_of(1, 8, 8));
    file.add_points(name, results::points_of(1, 3));
  }
  file.append(results::record_of(1));
  file.publish(results::TrialState::done, "", path, true);
  const auto order_of = [&](const std::string& yaml, const char* kind) {
    auto info = results::experiment_info();
    info.yaml = yaml;
    results::merge(info, {{"a", path}}, folder / "sweep.h5");
    std::vector<results::Results> files;
    files.push_back(results::open_results(folder / "sweep.h5"));
    Blocks blocks;
    const auto data = picture_data(files, 1 << 20, blocks);
    std::string names;
    for (const auto& view : data[kind]) names += view["name"].get<std::string>();
    return names;
  };
  // Its name, not its component; also if another key says the same. What it does not name is last.
  const std::string yaml =
      "notes: {why: 'views: [a, b, c]'}\nviews:\n- {use: b, as: d, count: 3}\n- c\n- use: b\n";
  CHECK(order_of(yaml, "views") == "dcba");
  CHECK(order_of(yaml, "points") == "dcba");
  for (const auto* other : {"name: x\n", "views:\n", "views: a\n", "[", ""})
    CHECK(order_of(other, "views") == "abcd");
}

TEST_CASE("a budget keeps last epochs of first replicates, and says what it left out") {
  const Sweep sweep;
  const auto files = sweep.files();
  Blocks all_blocks;
  const auto all = picture_data(files, 1 << 20, all_blocks);

  Blocks blocks;
  // Room for the last pictures and plots of trials 0 and 2, which are replicate 0, and little more.
  std::uint64_t room = 0;
  for (const int trial : {0, 2}) {
    const auto picture = results::picture_of(3, 8, 8 + trial);
    room += base64(pictures::encode_png({8, 8 + trial, 1, picture.pixels})).size() + 10 * 12;
  }
  const auto data = picture_data(files, room, blocks);
  CHECK(data["kept"] == 4);
  CHECK(data["left_out"] == all["kept"].get<int>() - 4);
  const auto& view = data["views"][0];
  CHECK(view["left_out"] == 6);
  CHECK(view["trials"].size() == 2);
  CHECK(view["trials"]["0"]["frames"].size() == 1);
  CHECK(view["trials"]["2"]["frames"][0][0] == 3);

  Blocks none;
  const auto empty = picture_data(files, 0, none);
  CHECK(empty["kept"] == 0);
  CHECK(empty["views"][0]["trials"].empty());
  CHECK(none.texts().empty());
}
