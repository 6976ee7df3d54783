#include <limits>
#include <nlohmann/json.hpp>

#include "pages/live/live_json.hpp"
#include "support/catch.hpp"

using namespace varia;
using namespace varia::live;

namespace {

LiveChange change_of(const std::string& label, const std::string& view) {
  LiveChange change;
  change.experiment = "e";
  auto& trial = change.trials.emplace_back();
  trial.trial.label = label;
  trial.pictures.push_back({view, 0, 1, ""});
  return change;
}

}  // namespace

TEST_CASE("an event is one line whatever the texts are") {
  const std::string label = "a\r\nevent: board\ndata: {}\n\n";
  const std::string view = "</script><script>alert(1)</script>\"";
  const auto text = to_json(change_of(label, view));
  CHECK(text.find('\n') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  const auto read = nlohmann::json::parse(text);
  CHECK(read["trials"][0]["label"] == label);
  CHECK(read["trials"][0]["pictures"][0]["view"] == view);
}

TEST_CASE("text that is not UTF-8 is sent as replacement characters") {
  const auto read = nlohmann::json::parse(to_json(change_of("a\xff", "b")));
  CHECK(read["trials"][0]["label"] == "a\xef\xbf\xbd");
}

TEST_CASE("numbers that are not finite become null") {
  auto change = change_of("a", "b");
  auto record = std::make_shared<LiveRecord>();
  record->epoch = 3;
  record->metrics["test"] = {{"elbo", std::numeric_limits<double>::quiet_NaN()},
                             {"kl", std::numeric_limits<double>::infinity()},
                             {"loss", 0.1}};
  change.trials[0].records.push_back(record);
  const auto read = nlohmann::json::parse(to_json(change));
  const auto& epoch = read["trials"][0]["epochs"][0];
  CHECK(epoch["epoch"] == 3);
  CHECK(epoch["metrics"]["test"]["elbo"].is_null());
  CHECK(epoch["metrics"]["test"]["kl"].is_null());
  CHECK(epoch["metrics"]["test"]["loss"] == 0.1);
}

TEST_CASE("of many points every n-th is sent") {
  results::Points points;
  points.epoch = 2;
  for (int i = 0; i < 12001; ++i) {
    points.xy.push_back(static_cast<float>(i));
    points.xy.push_back(-1);
    points.labels.push_back(i);
  }
  const auto read = nlohmann::json::parse(to_json(points));
  CHECK(read["epoch"] == 2);
  CHECK(read["total"] == 12001);
  REQUIRE(read["labels"].size() == 4001);
  CHECK(read["labels"][4000] == 12000);
  CHECK(read["xy"][4000] == nlohmann::json{12000, -1});
}
