// Boost.URL is compiled here: Debian's -dev package of the headers brings its sources along.
#include <boost/url/src.hpp>
