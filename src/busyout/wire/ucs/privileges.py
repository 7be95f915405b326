"""Privileges by the names of the context services (page "Role-Based Access Control" and user's guide).

Five names are printed there; the others follow their pattern from the display names beside them. `SET_MODE` is ours:
the documents have none for it.
"""

from typing import Final

SET_MODE: Final = "UCS.Server.setMode"

CREATE_PROFILE: Final = "UCS.Customer.createProfile"
READ_PROFILE: Final = "UCS.Customer.readProfile"
UPDATE_PROFILE: Final = "UCS.Customer.updateProfile"
DELETE_PROFILE: Final = "UCS.Customer.deleteCustomerProfile"
CREATE_PROFILE_EXTENSION: Final = "UCS.Customer.createProfileExtension"
READ_PROFILE_EXTENSION: Final = "UCS.Customer.readProfileExtension"
UPDATE_PROFILE_EXTENSION: Final = "UCS.Customer.updateProfileExtension"
DELETE_PROFILE_EXTENSION: Final = "UCS.Customer.deleteProfileExtension"

START_SERVICE: Final = "UCS.Service.startService"
STOP_SERVICE: Final = "UCS.Service.stopService"
READ_SERVICE: Final = "UCS.Service.readService"
DELETE_SERVICE: Final = "UCS.Service.deleteService"
CREATE_SERVICE_EXTENSION: Final = "UCS.Service.createServiceExtension"
READ_SERVICE_EXTENSION: Final = "UCS.Service.readServiceExtension"
UPDATE_SERVICE_EXTENSION: Final = "UCS.Service.updateServiceExtension"

START_STATE: Final = "UCS.State.startState"
STOP_STATE: Final = "UCS.State.stopState"
READ_STATE: Final = "UCS.State.readState"
CREATE_STATE_EXTENSION: Final = "UCS.State.createStateExtension"
READ_STATE_EXTENSION: Final = "UCS.State.readStateExtension"
UPDATE_STATE_EXTENSION: Final = "UCS.State.updateStateExtension"

START_TASK: Final = "UCS.Task.startTask"
STOP_TASK: Final = "UCS.Task.stopTask"
READ_TASK: Final = "UCS.Task.readTask"
CREATE_TASK_EXTENSION: Final = "UCS.Task.createTaskExtension"
READ_TASK_EXTENSION: Final = "UCS.Task.readTaskExtension"
UPDATE_TASK_EXTENSION: Final = "UCS.Task.updateTaskExtension"

CREATE_PROFILE_SCHEMA: Final = "UCS.Schema.createProfileExtensionSchema"
READ_PROFILE_SCHEMA: Final = "UCS.Schema.readProfileExtensionSchema"
DELETE_PROFILE_SCHEMA: Final = "UCS.Schema.deleteProfileExtensionSchema"
CREATE_SERVICE_SCHEMA: Final = "UCS.Schema.createServiceExtensionSchema"
READ_SERVICE_SCHEMA: Final = "UCS.Schema.readServiceExtensionSchema"
DELETE_SERVICE_SCHEMA: Final = "UCS.Schema.deleteServiceExtensionSchema"
CREATE_STATE_SCHEMA: Final = "UCS.Schema.createStateExtensionSchema"
READ_STATE_SCHEMA: Final = "UCS.Schema.readStateExtensionSchema"
DELETE_STATE_SCHEMA: Final = "UCS.Schema.deleteStateExtensionSchema"
CREATE_TASK_SCHEMA: Final = "UCS.Schema.createTaskExtensionSchema"
READ_TASK_SCHEMA: Final = "UCS.Schema.readTaskExtensionSchema"
DELETE_TASK_SCHEMA: Final = "UCS.Schema.deleteTaskExtensionSchema"
CREATE_KEY: Final = "UCS.Schema.createIdKeys"
READ_KEY: Final = "UCS.Schema.readIdKeys"
DELETE_KEY: Final = "UCS.Schema.deleteIdKeys"
READ_BUSINESS_ATTRIBUTES: Final = "UCS.Schema.readBusinessAttributes"

READ_INTERACTION: Final = "UCS.Interaction.readInteraction"
