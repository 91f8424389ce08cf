/*
  Other names of packages: nixpkgs' where they differ from PyPI's, and spellings that people use.

  nixpkgs refuses old spellings with an error; here they work, since nothing is gained by refusing.
*/
{ lib }:
final: previous:
let
  names = {
    # As the projects write themselves.
    Babel = "babel";
    Cython = "cython";
    Django = "django";
    Fabric = "fabric";
    Flask = "flask";
    GitPython = "gitpython";
    Jinja2 = "jinja2";
    Mako = "mako";
    Markdown = "markdown";
    MarkupSafe = "markupsafe";
    Pillow = "pillow";
    PyGithub = "pygithub";
    PyJWT = "pyjwt";
    PyMySQL = "pymysql";
    PyNaCl = "pynacl";
    PySocks = "pysocks";
    PyYAML = "pyyaml";
    Pygments = "pygments";
    SQLAlchemy = "sqlalchemy";
    Send2Trash = "send2trash";
    Sphinx = "sphinx";
    Theano = "theano";
    Twisted = "twisted";
    Werkzeug = "werkzeug";
    # nixpkgs' names.
    antlr4-python3-runtime = "antlr4-python3-runtime";
    bootstrapped-pip = "pip";
    discordpy = "discord-py";
    django_4 = "django";
    django_5 = "django";
    dnspython_2 = "dnspython";
    duckdb-engine = "duckdb-engine";
    google-cloud-core = "google-cloud-core";
    jupyter_client = "jupyter-client";
    jupyter_core = "jupyter-core";
    jupyter_server = "jupyter-server";
    magic = "python-magic";
    opencv = "opencv-python-headless";
    opencv4 = "opencv-python-headless";
    opencv-python = "opencv-python-headless";
    psycopg2 = "psycopg2-binary";
    psycopg3 = "psycopg";
    pyxdg = "pyxdg";
    scikitimage = "scikit-image";
    scikitlearn = "scikit-learn";
    sklearn = "scikit-learn";
    python-multipart = "python-multipart";
    pycrypto = "pycryptodome";
    bs4 = "beautifulsoup4";
    BeautifulSoup = "beautifulsoup4";
    dateutil = "python-dateutil";
    dotenv = "python-dotenv";
    yaml = "pyyaml";
    serial = "pyserial";
    xlsxwriter = "xlsxwriter";
    XlsxWriter = "xlsxwriter";
    yt_dlp = "yt-dlp";
    # Underscores.
    argon2_cffi = "argon2-cffi";
    async_timeout = "async-timeout";
    charset_normalizer = "charset-normalizer";
    flask_login = "flask-login";
    flask_migrate = "flask-migrate";
    flask_sqlalchemy = "flask-sqlalchemy";
    flit_core = "flit-core";
    google_auth = "google-auth";
    importlib_metadata = "importlib-metadata";
    importlib_resources = "importlib-resources";
    jupyterlab_server = "jupyterlab-server";
    markdown_it_py = "markdown-it-py";
    more_itertools = "more-itertools";
    mypy_extensions = "mypy-extensions";
    poetry_core = "poetry-core";
    prometheus_client = "prometheus-client";
    prompt_toolkit = "prompt-toolkit";
    pyasn1_modules = "pyasn1-modules";
    pytest_asyncio = "pytest-asyncio";
    pytest_cov = "pytest-cov";
    pytest_mock = "pytest-mock";
    pytest_xdist = "pytest-xdist";
    python_dateutil = "python-dateutil";
    python_dotenv = "python-dotenv";
    python_magic = "python-magic";
    requests_oauthlib = "requests-oauthlib";
    ruamel_yaml = "ruamel-yaml";
    scikit_learn = "scikit-learn";
    setuptools_scm = "setuptools-scm";
    sphinx_rtd_theme = "sphinx-rtd-theme";
    typing_extensions = "typing-extensions";
    websocket_client = "websocket-client";
    zope_event = "zope-event";
    zope_interface = "zope-interface";
  };
  wanted = lib.filterAttrs (alias: name: !(previous ? ${alias}) && previous ? ${name}) names;
in
lib.mapAttrs (_: name: final.${name}) wanted
