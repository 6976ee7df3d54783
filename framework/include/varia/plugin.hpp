#pragma once

#include <torch/version.h>

#include "varia/registry.hpp"

// What a plugin and the program that opens it must agree on. Together they are the plugin's ABI
// tag, which the host reads before it opens the library.

/// Version of the plugin interface. It rises with every change of include/varia that a plugin which
/// is already built could notice.
#define VARIA_ABI_API "9"

#define VARIA_ABI_TORCH TORCH_VERSION

#define VARIA_ABI_TEXT_(x) #x
#define VARIA_ABI_TEXT(x) VARIA_ABI_TEXT_(x)
#if defined(__clang__)
#define VARIA_ABI_COMPILER "clang-" VARIA_ABI_TEXT(__clang_major__)
#elif defined(__GNUC__)
#define VARIA_ABI_COMPILER "gcc-" VARIA_ABI_TEXT(__GNUC__)
#else
#error "Varia plugins are built with GCC or Clang."
#endif

#if defined(_LIBCPP_VERSION)
#define VARIA_ABI_STRING "libcxx"
#elif _GLIBCXX_USE_CXX11_ABI
#define VARIA_ABI_STRING "cxx11"
#else
#define VARIA_ABI_STRING "cxx98"
#endif

#if defined(_GLIBCXX_DEBUG)
#define VARIA_ABI_STL "debug"
#else
#define VARIA_ABI_STL "release"
#endif

#define VARIA_ABI_PREFIX "varia.abi:"

/// The tag is the *name* of a section, since `strip` keeps those. No comma, semicolon, space or `#`
/// may be in it: assemblers give them a meaning.
#define VARIA_ABI_TAG                                                                             \
  VARIA_ABI_PREFIX "api=" VARIA_ABI_API "|torch=" VARIA_ABI_TORCH "|compiler=" VARIA_ABI_COMPILER \
                   "|string=" VARIA_ABI_STRING "|stl=" VARIA_ABI_STL

/// Makes a library a plugin. Stands once in its sources; the body registers the components:
///
///     VARIA_PLUGIN("elbo", "1.0.0") {
///       registry.add<Elbo>("elbo", "Evidence lower bound (Kingma & Welling 2014).");
///     }
///
/// An exception that leaves the body is reported with the plugin's name, and nothing of the plugin
/// stays registered. The library is never unloaded.
/// @param name     text literal, shown by `varia plugins` and kept in the results
/// @param version  text literal
#define VARIA_PLUGIN(name, version)                                                            \
  static_assert(sizeof(name) > 1 && sizeof(version) > 1, "a plugin has a name and a version"); \
  static void varia_register_components(::varia::Registry& registry);                          \
  extern "C" {                                                                                 \
  VARIA_API extern const char varia_plugin_name[];                                             \
  VARIA_API extern const char varia_plugin_version[];                                          \
  VARIA_API extern const char varia_abi_tag[];                                                 \
  const char varia_plugin_name[] = name;                                                       \
  const char varia_plugin_version[] = version;                                                 \
  __attribute__((section(VARIA_ABI_TAG), used, retain)) const char varia_abi_tag[] =           \
      VARIA_ABI_TAG;                                                                           \
  VARIA_API void varia_register_plugin(::varia::Registry& registry) {                          \
    varia_register_components(registry);                                                       \
  }                                                                                            \
  }                                                                                            \
  static void varia_register_components([[maybe_unused]] ::varia::Registry& registry)
