"""The extensions, bare; create_app() gives them their app."""

from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from app.core.db import Base
from app.core.migrations import LazyMigrate
from app.core.redis import RedisExtension

db = SQLAlchemy(metadata=Base.metadata)
migrate = LazyMigrate()
redis = RedisExtension()
login = LoginManager()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(key_func=get_remote_address)
