#include "experiment/params/published_params.hpp"

#include "experiment/yaml/yaml_reader.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

const std::string kFigures = "figures: [{metric: test/nll, value: 86.76, tolerance: 0.5}]";

std::string published(const std::string& keys) { return kBase + "published: {" + keys + "}\n"; }

std::string error(const std::string& keys) {
  return message_of([&] { experiment_of(published(keys)); });
}

}  // namespace

TEST_CASE("published figures are read with their metrics") {
  const auto read =
      load_published(experiment_of(published("source: a paper, minutes: 13, " + kFigures)).tree);
  REQUIRE(read);
  CHECK(read->source() == "a paper");
  CHECK(read->minutes() == 13);
  REQUIRE(read->figures.size() == 1);
  CHECK(read->figures[0].value() == 86.76);
  CHECK(read->figures[0].tolerance() == 0.5);
  const auto metrics = published_metrics(read);
  REQUIRE(metrics.size() == 1);
  CHECK(metrics[0].metric == "test/nll");
  CHECK(metrics[0].where.line == 5);
}

TEST_CASE("an experiment without published figures has none") {
  CHECK_FALSE(load_published(experiment_of(kBase).tree));
  CHECK_FALSE(load_published(experiment_of(kBase + "published:\n").tree));
  CHECK(published_metrics(nullptr).empty());
}

TEST_CASE("published figures that are wrong are refused with their place") {
  CHECK(error("sourec: x, minutes: 1, " + kFigures).find("Did you mean 'source'?") !=
        std::string::npos);
  CHECK(error("minutes: 1, " + kFigures).find("published: source: is missing") !=
        std::string::npos);
  CHECK(error("source: x, " + kFigures).find("minutes: is missing") != std::string::npos);
  CHECK(error("source: x, minutes: 1").find("figures: is missing") != std::string::npos);
  CHECK(error("source: x, minutes: 1, figures: [{value: 1}]").find("metric: is missing") !=
        std::string::npos);
  CHECK(error("source: x, minutes: 1, figures: [{metric: test/nll}]").find("value: is missing") !=
        std::string::npos);
  for (const std::string metric : {"nll", "test/", "tset/nll", "testnll"}) {
    INFO(metric);
    const auto message =
        error("source: x, minutes: 1, figures: [{metric: " + metric + ", value: 1}]");
    CHECK(message.find("e.yaml:5:") == 0);
    CHECK(message.find("expected train/..., validation/... or test/..., found '" + metric + "'") !=
          std::string::npos);
  }
}

TEST_CASE("what is published of a file is not published of one that extends it") {
  const Folder folder;
  folder.write("base.yaml", published("source: a paper, minutes: 13, " + kFigures));
  const auto path = folder.write("mine.yaml", "extends: base.yaml\n");
  CHECK_FALSE(load_published(read_experiment(path).tree));
}

TEST_CASE("published figures are no part of what a trial is") {
  CHECK(ids(plan(published("source: a paper, minutes: 13, " + kFigures))) == ids(plan(kBase)));
}
